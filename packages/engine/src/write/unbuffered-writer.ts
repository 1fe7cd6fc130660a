import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { ApplyDependencies } from '../apply/apply-commands.ts'
import { createSettlements } from '../drain/settlements.ts'
import { createDatabaseGate } from '../gates/database-gate.ts'
import { createPhysicalTime } from '../time/physical-time.ts'
import { createBufferedWrites } from './buffered-writes.ts'
import { consistencyTokens } from './consistency-tokens.ts'
import { noBuffer } from './no-buffer.ts'
import { createWriter } from './writer.ts'

/** The write port without a buffer, over a store without a gate: for what is not a service, as benchmarks. */
export function createUnbufferedWriter(dependencies: ApplyDependencies, writeMs: number): WritePort {
  const { clock, hybridClock, instance } = dependencies
  const nextToken = consistencyTokens(instance)
  const buffered = createBufferedWrites({
    buffer: noBuffer,
    hybridClock,
    settlements: createSettlements(clock),
    time: createPhysicalTime(clock),
    onBuffered: () => undefined,
    nextToken,
  })
  return createWriter(dependencies, { writeMs, gate: createDatabaseGate(clock, { writeMs }), buffered, nextToken, reserve: null })
}
