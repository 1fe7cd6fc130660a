import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { createTestClock, type TestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { createMemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import type { Revocation } from '@holdfast/usecases/ports/session-repository'
import { serverDeadlines } from '../apply/deadlines.ts'
import { createDatabaseGate } from '../gates/database-gate.ts'
import { createGatedStore } from '../gates/gated-store.ts'
import { createPhysicalTime } from '../time/physical-time.ts'
import { createBufferedWrites } from '../write/buffered-writes.ts'
import { endFamily } from '../sessions/end-family.ts'
import { createWriter } from '../write/writer.ts'
import { createActorRights } from './actor-rights.ts'
import { createDrain } from './drain.ts'
import type { ExpiryRules } from './expiry.ts'
import { createSettlements } from './settlements.ts'

export const hourMs = 60 * 60 * 1_000
const limits = { count: 10_000, bytes: 64 * 1024 * 1024, actorShare: 1, reserveShare: 0.1 }
const standard: ExpiryRules = { expiryMs: 24 * hourMs, mode: 'reachable', replayHorizonMs: 35 * 24 * hourMs }

/** A clock that sleeping moves; only who waits for half a minute and can be woken waits until then. */
function patientClock(): TestClock {
  const clock = createTestClock()
  return {
    ...clock,
    sleep: (ms, signal) =>
      ms < 30_000 || signal === undefined
        ? clock.sleep(ms)
        : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  }
}

/** The engine's write path and drain over memory stores, on a clock that sleeping moves. Nothing runs in the background but the drain. */
export async function bufferedEngine({
  clock = patientClock(),
  store = createMemoryOperationStore(() => clock.now()),
  ordered = createMemoryOrderedStore(commandBufferCollections),
  expiry = standard,
}: {
  readonly clock?: TestClock
  readonly store?: ReturnType<typeof createMemoryOperationStore>
  readonly ordered?: ReturnType<typeof createMemoryOrderedStore>
  readonly expiry?: ExpiryRules
} = {}) {
  const log = createTestLog()
  const instance = 'instance' as InstanceId
  const buffer = await openCommandBuffer({ store: ordered, clock, log, limits })
  const time = createPhysicalTime(clock)
  const hybridClock = new HybridClock(instance, () => time.now(), buffer.highestStamp)
  const gate = createDatabaseGate(clock, serverDeadlines)
  const gated = createGatedStore(store, gate, time)
  const dependencies = { clock, hybridClock, instance, log, store: gated }
  const settlements = createSettlements(clock)
  let given = 0
  const nextToken = () => `instance.${++given}`
  const buffered = createBufferedWrites({
    buffer,
    hybridClock,
    settlements,
    time,
    nextToken,
    onBuffered: (priority) => drain.wake(priority),
  })
  const writes = createWriter(dependencies, {
    writeMs: serverDeadlines.writeMs,
    gate,
    buffered,
    nextToken,
    reserve: null,
  })
  const applied: string[][] = []
  const revoked: Revocation[] = []
  const drain = createDrain({
    apply: dependencies,
    buffer,
    rights: createActorRights(gated, clock),
    time,
    expiry,
    endFamily: endFamily({ buffer, hybridClock, revocations: { add: (revocation) => void revoked.push(revocation) }, now: time.now }),
    deadlineMs: serverDeadlines.drainMs,
    gate,
    settlements,
    isBusy: writes.isBusy,
    onApplied: (actors) => void applied.push([...actors]),
  })
  /** As the background probe would, until the gate is closed. */
  const closeGate = async () => {
    while (gate.state().kind !== 'closed') {
      clock.advance(5_000)
      gate.admit()?.succeeded()
    }
    await drain.tick()
  }
  return { applied, buffer, clock, closeGate, dependencies, drain, gate, hybridClock, log, ordered, revoked, store, time, writes }
}

export type BufferedEngine = Awaited<ReturnType<typeof bufferedEngine>>
