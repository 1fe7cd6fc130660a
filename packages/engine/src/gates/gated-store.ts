import type { Gate } from '@holdfast/resilience/gate'
import { StoreError, type OperationStore, type StoreCall } from '@holdfast/usecases/ports/operation-store'
import type { PhysicalTime } from '../time/physical-time.ts'

/**
 * The store behind its gate: while that is not closed a call is refused at once, as unavailable, and every call that was let
 * through tells how it went. What the store refuses it has answered. The drain’s batches are large, so that an answer to them may be
 * slow: only that there is none counts.
 */
export function createGatedStore(store: OperationStore, gate: Gate, time: PhysicalTime): OperationStore {
  const through = async <Result>({ lane }: StoreCall, work: () => Promise<Result>): Promise<Result> => {
    const admission = gate.admitIfClosed()
    if (admission === null) throw new StoreError('unavailable')
    try {
      const result = await work()
      if (lane !== 'drain') admission.succeeded()
      return result
    } catch (error) {
      if (isSilent(error)) admission.failed()
      else if (lane !== 'drain') admission.succeeded()
      throw error
    }
  }
  return {
    read: (kind, entities, operations, call) =>
      through(call, async () => {
        const found = await store.read(kind, entities, operations, call)
        time.learn(found.at)
        return found
      }),
    commit: (kind, batch, call) => through(call, () => store.commit(kind, batch, call)),
  }
}

const isSilent = (error: unknown): boolean =>
  !(error instanceof StoreError) || error.failure === 'unavailable' || error.failure === 'unknown'
