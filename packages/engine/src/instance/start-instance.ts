import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import type { Bus } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'
import type { PageCache } from '@holdfast/usecases/ports/page-cache'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { Deadlines } from '../apply/deadlines.ts'
import { createPageCache, type PageStore } from '../reads/page-cache.ts'
import { visibleWrites } from '../reads/visible-writes.ts'
import { createRevocationSet, type RevocationSet } from '../sessions/revocation-set.ts'
import { createWriter } from '../write/writer.ts'

export interface InstancePorts {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly operationStore: OperationStore
  readonly sessions: SessionRepository
  readonly deadlines: Deadlines
}

export interface Instance {
  readonly id: InstanceId
  readonly writes: WritePort
  readonly pages: PageCache
  readonly revocations: Revocations
  /** Whether the database answered when it was last asked, at most two seconds ago. */
  isDatabaseReachable(): boolean
  /** Ends what runs in the background; writes under way end by their own deadline. */
  stop(): Promise<void>
}

/** Starts one instance on its ports: all of the product that knows neither HTTP nor a driver. */
export async function startInstance({ bus, clock, log, operationStore, sessions, deadlines }: InstancePorts): Promise<Instance> {
  const id = instanceId(clock)
  const hybridClock = new HybridClock(id, () => clock.now())
  const revocations = createRevocationSet(clock, sessions, log, bus)
  const pages = createPageCache(clock, id)
  const stopping = new AbortController()
  const leaveBus = followBus(id, bus, pages, revocations)
  await revocations.refresh()
  const following = revocations.follow(stopping.signal)
  const writer = createWriter({ clock, hybridClock, instance: id, log, store: operationStore }, deadlines.writeMs)
  return {
    id,
    writes: visibleWrites(writer, pages, bus),
    pages,
    revocations,
    isDatabaseReachable: () => revocations.isReachable(),
    async stop() {
      stopping.abort()
      leaveBus()
      await following
    },
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
