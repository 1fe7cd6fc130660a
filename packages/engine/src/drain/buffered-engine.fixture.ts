import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import type { AnyCommand, EntityKind } from '@holdfast/domain/entity-kinds'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { createTestClock, type TestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { createMemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { commandHeader, newId } from '@holdfast/testkit/samples'
import { StoreError, type CommitBatch, type StoreFailure } from '@holdfast/usecases/ports/operation-store'
import type { Revocation } from '@holdfast/usecases/ports/session-repository'
import { expect } from 'vitest'
import { applyCommands, type ApplyDependencies } from '../apply/apply-commands.ts'
import { serverDeadlines } from '../apply/deadlines.ts'
import { createDatabaseGate } from '../gates/database-gate.ts'
import { createWritePath } from '../instance/write-path.ts'
import { createPhysicalTime } from '../time/physical-time.ts'
import type { ExpiryRules } from './expiry.ts'

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
  const applied: string[][] = []
  const revoked: Revocation[] = []
  const {
    apply: dependencies,
    drain,
    writer: writes,
  } = createWritePath({
    instance,
    buffer,
    clock,
    hybridClock,
    time,
    log,
    operationStore: store,
    gate,
    deadlines: serverDeadlines,
    expiry,
    reserve: null,
    revocations: { add: (revocation) => void revoked.push(revocation) },
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
  /** Applies at once, in this instance’s name or another’s. */
  const applyDirectly = async (command: AnyCommand, as: Partial<ApplyDependencies> = {}) => {
    const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: Number.POSITIVE_INFINITY } as const
    await applyCommands<EntityKind>({ ...dependencies, ...as }, command.kind, [{ command, stamp: null }], call, () => undefined)
  }
  return {
    applied,
    buffer,
    clock,
    closeGate,
    dependencies,
    drain,
    gate,
    hybridClock,
    log,
    ordered,
    revoked,
    store,
    time,
    writes,
    applyDirectly,
    /** Buffers these, in order. */
    async append(...commands: readonly AnyCommand[]) {
      for (const command of commands) expect(await buffer.append(command, hybridClock.next())).toBe('buffered')
    },
    /** Applies directly, as another instance would that reaches the database. */
    elsewhere: (command: AnyCommand) => {
      const stranger = 'stranger' as InstanceId
      return applyDirectly(command, { store, instance: stranger, hybridClock: new HybridClock(stranger, () => clock.now()) })
    },
    /** Lets the commits of some batches fail, of all unless told. */
    failing(failure: StoreFailure, isFor: (batch: CommitBatch<EntityKind>) => boolean = () => true) {
      store.beforeCall = (_call, batch) => {
        if (batch !== null && isFor(batch)) throw new StoreError(failure)
      }
    },
    works: () => void (store.beforeCall = () => undefined),
    /** Two commands of class 0, on one session. */
    sessionCommand(user: UserId, session = newId<SessionId>()) {
      const header = { ...commandHeader({ actor: user }), kind: 'session', entity: session } as const
      return {
        start: { ...header, name: 'sessions.start', authenticatedAt: 0, expiresAt: clock.now() + hourMs } as const,
        end: { ...header, operationId: newId<OperationId>(), name: 'sessions.end', reason: 'logout', acceptedAt: clock.now() } as const,
      }
    },
    titles: () => store.rows('task').map(({ title }) => title),
    outcomes: () => store.operations().map(({ outcome, reason }) => reason ?? outcome),
    count: () => buffer.level().count,
  }
}

export type BufferedEngine = Awaited<ReturnType<typeof bufferedEngine>>
