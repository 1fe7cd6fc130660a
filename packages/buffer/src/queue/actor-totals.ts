import type { UserId } from '@holdfast/domain/identifiers'
import type { OrderedPut, OrderedRemove, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { collections } from './collections.ts'
import { noTotals, type Totals } from './totals.ts'

const length = 16

/** What one actor has of class 1, as it lies on disk; an actor without any has no row. */
function readActorTotals(store: OrderedStore, actor: string): Totals {
  const bytes = store.get(collections.actorTotals, [actor])
  return (bytes && parseActorTotals(bytes)) ?? noTotals
}

/** Null if the bytes are not those of totals. */
export function parseActorTotals(bytes: Uint8Array): Totals | null {
  if (bytes.byteLength !== length) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [count, size] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))]
  return Number.isSafeInteger(count) && Number.isSafeInteger(size) ? { count, bytes: size } : null
}

/** What a commit writes so that the row of an actor says this. */
export function writeActorTotals(
  actor: string,
  { count, bytes }: Totals,
): { readonly put: OrderedPut } | { readonly remove: OrderedRemove } {
  const row = { collection: collections.actorTotals, key: [actor] }
  if (count === 0) return { remove: row }
  const value = new Uint8Array(length)
  const view = new DataView(value.buffer)
  view.setBigUint64(0, BigInt(count))
  view.setBigUint64(8, BigInt(bytes))
  return { put: { ...row, value } }
}

/** The totals of an actor while something of theirs is under way. */
interface Held {
  committed: Totals
  /** What waits to be written, or is being written. */
  reserved: Totals
  holders: number
}

/**
 * The totals of those actors for whom something is under way, and of no others: a million actors cost no memory.
 * Held from the first change on until the last has settled, because in between the store may show a commit before it resolves.
 */
export class ActorTotals {
  readonly #store: OrderedStore
  readonly #held = new Map<UserId, Held>()

  constructor(store: OrderedStore) {
    this.#store = store
  }

  /** Committed and reserved. */
  of(actor: UserId): Totals {
    const held = this.#held.get(actor)
    if (held === undefined) return readActorTotals(this.#store, actor)
    return { count: held.committed.count + held.reserved.count, bytes: held.committed.bytes + held.reserved.bytes }
  }

  hold(actor: UserId): Held {
    let held = this.#held.get(actor)
    if (held === undefined) {
      held = { committed: readActorTotals(this.#store, actor), reserved: noTotals, holders: 0 }
      this.#held.set(actor, held)
    }
    held.holders += 1
    return held
  }

  release(actor: UserId): void {
    const held = this.#held.get(actor)
    if (held === undefined) return
    held.holders -= 1
    if (held.holders === 0) this.#held.delete(actor)
  }

  /** Of an actor that is held. */
  held(actor: UserId): Held {
    const held = this.#held.get(actor)
    if (held === undefined) throw new Error('The totals of an actor are used without being held')
    return held
  }
}
