import type { UserId } from '@holdfast/domain/identifiers'
import type { PriorityClass } from '@holdfast/domain/priority-class'
import { laterStamp, type Stamp } from '@holdfast/domain/stamp'
import type { Log } from '@holdfast/usecases/ports/log'
import type { OrderedPut, OrderedRemove, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { ActorTotals, writeActorTotals } from './actor-totals.ts'
import { putCounters, type Counters } from './counters.ts'
import { admits, type CommandBufferLimits } from './limits.ts'
import { isBelow, minus, noTotals, plus, type Totals } from './totals.ts'

/** A record as the counts see it; the actor is not known of one that cannot be read. */
export interface CountedRecord {
  readonly priority: PriorityClass
  readonly actor: UserId | null
  readonly bytes: number
}

/** What one commit does to the counts. */
export interface CountChange {
  readonly added?: readonly CountedRecord[]
  readonly removed?: readonly CountedRecord[]
  readonly deadLetters?: number
  readonly quarantined?: number
  readonly highestStamp?: Stamp | null
}

/** A change as part of a commit; exactly one of the two is called when the commit has settled. */
interface PreparedChange {
  readonly puts: readonly OrderedPut[]
  readonly removes: readonly OrderedRemove[]
  apply(): void
  abandon(): void
}

/**
 * What the buffer holds, by class and by actor, on disk and under way. What is on disk here is what lies there: a change is
 * prepared, written in the commit of the rows that it counts, and applied here once that is durable. One at a time.
 */
export class Ledger {
  readonly #limits: CommandBufferLimits
  readonly #log: Log
  readonly #actors: ActorTotals
  #committed: Counters
  #reserved: Totals = noTotals

  constructor(store: OrderedStore, limits: CommandBufferLimits, log: Log, committed: Counters) {
    this.#limits = limits
    this.#log = log
    this.#actors = new ActorTotals(store)
    this.#committed = committed
  }

  get committed(): Counters {
    return this.#committed
  }

  /** What is on disk, of both classes. */
  get pending(): Totals {
    return plus(...this.#committed.classes)
  }

  /** Whether a record may be taken now, with all that is under way. */
  admits({ priority, actor, bytes }: CountedRecord): boolean {
    const all = plus(this.pending, this.#reserved)
    const ofActor = priority === 1 && actor !== null ? this.#actors.of(actor) : noTotals
    return admits(this.#limits, priority, bytes, { all, waiting: this.#reserved, actor: ofActor })
  }

  /** Keeps room for a record until it is added or given up. */
  reserve(record: CountedRecord): void {
    this.#reserved = plus(this.#reserved, totalsOf(record))
    if (!isShared(record)) return
    const held = this.#actors.hold(record.actor)
    held.reserved = plus(held.reserved, totalsOf(record))
  }

  giveUp(record: CountedRecord): void {
    this.#reserved = minus(this.#reserved, totalsOf(record))
    if (!isShared(record)) return
    const held = this.#actors.held(record.actor)
    held.reserved = minus(held.reserved, totalsOf(record))
    this.#actors.release(record.actor)
  }

  /** Of what is added, each was reserved; `apply` ends that, `abandon` leaves it to be given up. */
  prepare(change: CountChange): PreparedChange {
    const { added = [], removed = [], deadLetters = 0, quarantined = 0, highestStamp = null } = change
    const sharedRemoved = removed.filter(isShared)
    for (const { actor } of sharedRemoved) this.#actors.hold(actor)
    const ofActors = new Map<UserId, Totals>()
    const current = (actor: UserId): Totals => ofActors.get(actor) ?? this.#actors.held(actor).committed
    for (const record of added.filter(isShared)) ofActors.set(record.actor, plus(current(record.actor), totalsOf(record)))
    for (const record of sharedRemoved) ofActors.set(record.actor, this.#less(current(record.actor), totalsOf(record)))

    const [first, second] = this.#committed.classes
    const ofClass = (priority: PriorityClass, before: Totals): Totals =>
      this.#less(plus(before, sumOf(added, priority)), sumOf(removed, priority))
    const next: Counters = {
      classes: [ofClass(0, first), ofClass(1, second)],
      nextSequence: this.#committed.nextSequence + added.length,
      deadLetters: Math.max(0, this.#committed.deadLetters + deadLetters),
      quarantined: Math.max(0, this.#committed.quarantined + quarantined),
      highestStamp: laterStamp(this.#committed.highestStamp, highestStamp),
    }
    const rows = [...ofActors].map(([actor, totals]) => writeActorTotals(actor, totals))
    const release = (): void => {
      for (const { actor } of sharedRemoved) this.#actors.release(actor)
    }
    return {
      puts: [putCounters(next), ...rows.flatMap((row) => ('put' in row ? [row.put] : []))],
      removes: rows.flatMap((row) => ('remove' in row ? [row.remove] : [])),
      apply: () => {
        this.#committed = next
        for (const [actor, totals] of ofActors) this.#actors.held(actor).committed = totals
        for (const record of added) this.giveUp(record)
        release()
      },
      abandon: release,
    }
  }

  #less(totals: Totals, removed: Totals): Totals {
    if (isBelow(totals, removed))
      this.#log.warn('The buffer counted less than was removed from it', {
        counted: totals.count,
        countedBytes: totals.bytes,
        removed: removed.count,
        removedBytes: removed.bytes,
      })
    return minus(totals, removed)
  }
}

const totalsOf = ({ bytes }: CountedRecord): Totals => ({ count: 1, bytes })

const sumOf = (records: readonly CountedRecord[], priority: PriorityClass): Totals =>
  records.reduce((sum, record) => (record.priority === priority ? plus(sum, totalsOf(record)) : sum), noTotals)

/** Whether it counts against its actor’s share: class 0 has none. */
const isShared = (record: CountedRecord): record is CountedRecord & { readonly actor: UserId } =>
  record.priority === 1 && record.actor !== null
