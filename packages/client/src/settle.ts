import { HoldfastError } from './failure.ts'
import type { OperationName, Perform } from './perform.ts'
import { backoffMs, mayRepeat } from './retry.ts'
import type { Outputs } from './shapes.ts'
import type { Surroundings } from './surroundings.ts'
import type { WaitOptions } from './written.ts'

/** A write that was accepted, and can be sent again under its key. */
export interface SentWrite {
  readonly name: OperationName
  readonly input: unknown
  readonly operationId: string
}

const standardTimeoutMs = 60_000

const isCommitted = (answer: unknown): boolean => (answer as { durability?: unknown }).durability === 'committed'

/**
 * Waits until a buffered write is in the database, asking for its operation with a growing, random pause. What it made is then
 * answered by the same write under the same key: the service remembers, and does nothing twice.
 */
export async function settle(
  write: SentWrite,
  perform: Perform,
  surroundings: Surroundings,
  { signal, timeoutMs = standardTimeoutMs }: WaitOptions,
): Promise<unknown> {
  const { operationId } = write
  const pending = () =>
    new HoldfastError('OPERATION_PENDING', { operationId, detail: `Not in the database after ${timeoutMs} ms; it will be.` })
  const startedAt = surroundings.monotonicMs()
  // What is under way at the bound ends with it.
  const bound = AbortSignal.timeout(timeoutMs)
  const eitherSignal = signal === undefined ? bound : AbortSignal.any([signal, bound])
  for (let attempt = 1; ; attempt++) {
    const waitMs = backoffMs(attempt, surroundings)
    if (surroundings.monotonicMs() - startedAt + waitMs > timeoutMs) throw pending()
    try {
      await surroundings.sleep(waitMs, eitherSignal)
      const operation = (await perform({
        name: 'operations.get',
        input: { id: operationId },
        signal: eitherSignal,
      })) as Outputs['operations.get']
      throwIfLost(operation)
      if (operation.state === 'pending') continue
      const answer = await perform({ name: write.name, input: write.input, signal: eitherSignal })
      if (isCommitted(answer)) return answer
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      if (error.code === 'ABORTED' && signal?.aborted !== true) throw pending()
      throwIfGivenUp(error, operationId)
      if (!isStillPossible(error)) throw error
    }
  }
}

/** Another instance may not know of it yet, and an outage is what `committed()` is there for. */
const isStillPossible = (error: HoldfastError): boolean => error.code === 'OPERATION_NOT_FOUND' || mayRepeat(error, 'always')

/** The service answers the repeated write by what became of it, too. */
function throwIfGivenUp(error: HoldfastError, operationId: string): void {
  const { code: reason, detail, requestId } = error
  const details = { operationId, reason, detail, requestId, cause: error }
  if (reason === 'WRITE_EXPIRED') throw new HoldfastError('OPERATION_EXPIRED', details)
  if (reason === 'WRITE_PREDECESSOR_FAILED') throw new HoldfastError('OPERATION_REJECTED', details)
}

function throwIfLost({ id: operationId, state, reason }: Outputs['operations.get']): void {
  const details = { operationId, ...(reason !== null && { reason }) }
  switch (state) {
    case 'pending':
    case 'applied':
      return
    case 'conflicted':
      throw new HoldfastError('OPERATION_CONFLICTED', { ...details, detail: 'A newer change stood against it: read, decide, write again.' })
    case 'rejected':
      throw new HoldfastError('OPERATION_REJECTED', { ...details, detail: `It was refused: ${reason ?? 'for an unknown reason'}.` })
    case 'expired':
      throw new HoldfastError('OPERATION_EXPIRED', {
        ...details,
        detail: 'It could not be applied in time: write it anew, if it is still wanted.',
      })
  }
}
