import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, UserId } from '@holdfast/domain/identifiers'
import type { Gate, GateState } from '@holdfast/resilience/gate'
import { probeInBackground } from '@holdfast/resilience/probe-in-background'
import type { Bus } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { CommandBuffer, PendingCommands } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'
import type { PageCache } from '@holdfast/usecases/ports/page-cache'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { Deadlines } from '../apply/deadlines.ts'
import type { Drain } from '../drain/drain.ts'
import type { ExpiryRules } from '../drain/expiry.ts'
import { createPageCache, type PageStore } from '../reads/page-cache.ts'
import { visibleWrites } from '../reads/visible-writes.ts'
import { pendingRevocations } from '../sessions/pending-revocations.ts'
import { createRevocationSet, type RevocationSet } from '../sessions/revocation-set.ts'
import { createPhysicalTime, type PhysicalTime } from '../time/physical-time.ts'
import { createStampReserve } from '../time/stamp-reserve.ts'
import { createWritePath } from './write-path.ts'

export interface InstancePorts {
  readonly buffer: CommandBuffer
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly operationStore: OperationStore
  /** Of the database; whoever else calls it may tell the gate too. */
  readonly gate: Gate
  readonly sessions: SessionRepository
  readonly deadlines: Deadlines
  readonly expiry: ExpiryRules
}

export interface Instance {
  readonly id: InstanceId
  readonly writes: WritePort
  readonly pages: PageCache
  readonly revocations: Revocations
  /** What waits here, to be laid over what is read. */
  readonly pending: PendingCommands
  readonly drain: Pick<Drain, 'tick' | 'state'>
  /** Whether the database is taken to answer. */
  isDatabaseReachable(): boolean
  /** How this machine’s wall clock stands to the database’s. */
  readonly time: Pick<PhysicalTime, 'skewMs' | 'isSkewed'>
  /** Ends what runs in the background; writes under way end by their own deadline. */
  stop(): Promise<void>
}

/** Starts one instance on its ports: all of the product that knows neither HTTP nor a driver. */
export async function startInstance(ports: InstancePorts): Promise<Instance> {
  const { buffer, bus, clock, log, operationStore, gate, sessions, deadlines } = ports
  const id = instanceId(clock)
  const time = createPhysicalTime(clock)
  const hybridClock = new HybridClock(id, () => time.now(), buffer.highestStamp)
  const revocations = createRevocationSet(clock, sessions, log, bus)
  for (const revocation of pendingRevocations(buffer)) revocations.learn(revocation)
  const pages = createPageCache(clock, id)
  const stopping = new AbortController()
  const leaveBus = followBus(id, bus, pages, revocations)
  await revocations.refresh()

  const reserve = createStampReserve({ hybridClock, physicalNow: time.now, instance: id, buffer, log })
  const { writer, drain } = createWritePath({
    ...ports,
    instance: id,
    hybridClock,
    time,
    reserve,
    revocations,
    onApplied: (actors) => showDrained(actors, pages, bus),
  })
  const unfollow = gate.follow((state, before) => tellGate(log, state, before))
  const background = [
    revocations.follow(stopping.signal),
    probeInBackground(gate, { clock, signal: stopping.signal, probe: () => probe(operationStore, deadlines, time.learn) }),
  ]
  void drain.tick()
  return {
    id,
    writes: visibleWrites(writer, pages, bus),
    pages,
    revocations,
    pending: buffer,
    drain,
    isDatabaseReachable: () => gate.state().kind === 'closed',
    time,
    async stop() {
      stopping.abort()
      unfollow()
      leaveBus()
      await drain.stop()
      await Promise.all(background)
    },
  }
}

/** Asks the database for nothing but the time. */
async function probe(store: OperationStore, { writeMs }: Deadlines, learn: (at: number) => void): Promise<void> {
  const { at } = await store.read('task', [], [], { lane: 'drain', deadlineMs: writeMs })
  learn(at)
}

/** Once when the database stops answering, and once when it is back; not at each probe between. */
function tellGate(log: Log, state: GateState, before: GateState): void {
  if (before.kind === 'closed') log.warn('the database does not answer in time: writes are buffered until it does')
  if (state.kind === 'closed') log.info('the database answers again: what was buffered is drained')
}

/** The rows of these people are no longer what was read, here and elsewhere. */
function showDrained(actors: ReadonlySet<UserId>, pages: PageStore, bus: Bus): void {
  for (const owner of actors) {
    pages.raise(owner)
    bus.publish({ kind: 'generation', owner, token: null })
  }
}

/** Takes what other instances did; this instance’s own messages come back too, and say nothing new. */
function followBus(id: InstanceId, bus: Bus, pages: PageStore, revocations: RevocationSet): () => void {
  return bus.follow({
    receive(message) {
      if (message.kind === 'revocation') revocations.learn(message)
      else if (message.token?.startsWith(`${id}.`) !== true) pages.raise(message.owner, message.token ?? undefined)
    },
    // Revocations that were missed come with the next look at the database.
    missed: () => pages.raiseAll(),
  })
}

/** Eight base-36 characters, 41 bits of chance: never the same for two instances of one fleet. */
function instanceId(clock: Clock): InstanceId {
  const digits = [...clock.random(8)].map((byte) => (byte % 36).toString(36))
  return digits.join('') as InstanceId
}
