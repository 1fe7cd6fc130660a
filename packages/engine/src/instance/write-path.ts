import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, UserId } from '@holdfast/domain/identifiers'
import type { Gate } from '@holdfast/resilience/gate'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { ApplyDependencies } from '../apply/apply-commands.ts'
import type { Deadlines } from '../apply/deadlines.ts'
import { createActorRights } from '../drain/actor-rights.ts'
import { createDrain, type Drain } from '../drain/drain.ts'
import type { ExpiryRules } from '../drain/expiry.ts'
import { createSettlements } from '../drain/settlements.ts'
import { createGatedStore } from '../gates/gated-store.ts'
import { endFamily } from '../sessions/end-family.ts'
import type { PhysicalTime } from '../time/physical-time.ts'
import type { StampReserve } from '../time/stamp-reserve.ts'
import { createBufferedWrites } from '../write/buffered-writes.ts'
import { consistencyTokens } from '../write/consistency-tokens.ts'
import { createWriter, type Writer } from '../write/writer.ts'

export interface WritePathParts {
  readonly instance: InstanceId
  readonly buffer: CommandBuffer
  readonly clock: Clock
  readonly hybridClock: HybridClock
  readonly time: PhysicalTime
  readonly log: Log
  readonly operationStore: OperationStore
  readonly gate: Gate
  readonly deadlines: Deadlines
  readonly expiry: ExpiryRules
  /** Null: stamps of direct writes are not reserved on disk. */
  readonly reserve: StampReserve | null
  readonly revocations: Pick<Revocations, 'add'>
  /** Told of each drained batch whose rows have changed. */
  readonly onApplied: (actors: ReadonlySet<UserId>) => void
}

export interface WritePath {
  readonly writer: Writer
  readonly drain: Drain
  /** What both apply commands with. */
  readonly apply: ApplyDependencies
}

/** Joins the two ways into the database, which are one behind it: directly, and through the buffer and its drain. */
export function createWritePath(parts: WritePathParts): WritePath {
  const { instance, buffer, clock, hybridClock, time, log, operationStore, gate, deadlines, expiry, reserve, revocations, onApplied } =
    parts
  const store = createGatedStore(operationStore, gate, time)
  const apply = { clock, hybridClock, instance, log, store }
  const settlements = createSettlements(clock)
  const nextToken = consistencyTokens(instance)
  const buffered = createBufferedWrites({
    buffer,
    hybridClock,
    settlements,
    time,
    nextToken,
    onBuffered: (priority) => drain.wake(priority),
  })
  const writer = createWriter(apply, { writeMs: deadlines.writeMs, gate, buffered, nextToken, reserve })
  const drain = createDrain({
    apply,
    buffer,
    rights: createActorRights(store, clock),
    time,
    expiry,
    endFamily: endFamily({ buffer, hybridClock, revocations, now: time.now }),
    deadlineMs: deadlines.drainMs,
    gate,
    settlements,
    isBusy: writer.isBusy,
    onApplied,
  })
  return { writer, drain, apply }
}
