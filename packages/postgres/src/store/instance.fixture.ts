import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, OperationId } from '@holdfast/domain/identifiers'
import { applyCommands } from '@holdfast/engine/apply-commands'
import { createUnbufferedWriter } from '@holdfast/engine/unbuffered-writer'
import type { ExaminedInstance, ExaminedOutcome } from '@holdfast/testkit/examined-instance'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import type { LaneSet } from '../lanes/lane-set.ts'
import { createOperationStore } from './operation-store.postgres.ts'

/** An engine over these lanes. The name has eight lower-case characters; a write is answered within `writeMs`. */
export function openInstance(name: string, lanes: LaneSet, writeMs: number): ExaminedInstance {
  const id = name as InstanceId
  const store = createOperationStore(lanes)
  const dependencies = {
    clock: realClock,
    hybridClock: new HybridClock(id, () => realClock.now()),
    instance: id,
    log: createTestLog(),
    store,
  }
  return {
    store,
    writes: createUnbufferedWriter(dependencies, writeMs),
    async apply(items, delivery, hybridClock) {
      const outcomes = new Map<OperationId, ExaminedOutcome>()
      const call = { delivery, lane: 'drain', deadlineAt: realClock.monotonic() + 30_000 } as const
      await applyCommands({ ...dependencies, hybridClock }, 'task', items, call, ({ command }, settled) =>
        outcomes.set(command.operationId, settled),
      )
      return outcomes
    },
  }
}
