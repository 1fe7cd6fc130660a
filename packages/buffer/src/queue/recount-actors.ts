import type { OrderedKey, OrderedPut, OrderedRemove } from '@holdfast/usecases/ports/ordered-store'
import { parseActorTotals, writeActorTotals } from './actor-totals.ts'
import type { CheckContext } from './check-context.ts'
import type { IndexReader } from './check-table.ts'
import { collections } from './collections.ts'
import { keyPagesOf } from './pages.ts'
import { isSame, noTotals, plus, type Totals } from './totals.ts'

const pageLength = 2_000

/** Makes the totals of each actor, of class 1, what the index by actor says, actor by actor: the index is in their order. */
export class ActorRecount implements IndexReader {
  readonly collection = collections.byActor
  readonly #context: CheckContext
  #actor: string | null = null
  #totals: Totals = noTotals
  #actors = 0
  #corrected = 0
  #corrections: OrderedPut[] = []

  constructor(context: CheckContext) {
    this.#context = context
  }

  restart(): void {
    this.#actor = null
    this.#totals = noTotals
    this.#actors = 0
  }

  async page(keys: readonly OrderedKey[]): Promise<void> {
    for (const key of keys) {
      const [actor, , priority, , bytes] = key
      if (actor !== this.#actor) {
        this.#compare()
        this.#actor = actor as string
        this.#totals = noTotals
      }
      if (priority === 1 && typeof bytes === 'number') this.#totals = plus(this.#totals, { count: 1, bytes })
    }
    await this.#write()
  }

  async end(): Promise<void> {
    this.#compare()
    await this.#write()
    this.#corrected += await removeStrays(this.#context, this.#actors)
    if (this.#corrected > 0)
      this.#context.log.warn('Totals of actors in the buffer were corrected', { actors: this.#actors, corrected: this.#corrected })
  }

  #compare(): void {
    if (this.#actor === null || this.#totals.count === 0) return
    this.#actors += 1
    const bytes = this.#context.store.get(collections.actorTotals, [this.#actor])
    const persisted = bytes === undefined ? noTotals : parseActorTotals(bytes)
    if (persisted !== null && isSame(persisted, this.#totals)) return
    const written = writeActorTotals(this.#actor, this.#totals)
    if ('put' in written) this.#corrections.push(written.put)
    // One of them with its numbers is enough to look into it.
    if (this.#corrected === 0 && this.#corrections.length === 1)
      this.#context.log.warn('The totals of an actor in the buffer were wrong', {
        persisted: persisted?.count,
        persistedBytes: persisted?.bytes,
        counted: this.#totals.count,
        countedBytes: this.#totals.bytes,
      })
  }

  async #write(): Promise<void> {
    if (this.#corrections.length === 0) return
    await this.#context.store.commit(this.#corrections, [])
    this.#corrected += this.#corrections.length
    this.#corrections = []
  }
}

/** Removes rows of actors that have nothing; there are none if there are as many rows as actors. */
async function removeStrays({ store, breathe }: CheckContext, actors: number): Promise<number> {
  let rows = 0
  for await (const page of keyPagesOf(store, collections.actorTotals, pageLength, breathe)) rows += page.length
  if (rows === actors) return 0
  let removed = 0
  for await (const page of keyPagesOf(store, collections.actorTotals, pageLength, breathe)) {
    const removes: OrderedRemove[] = page
      .filter((key) => !hasClassOne(store, key[0] as string))
      .map((key) => ({ collection: collections.actorTotals, key }))
    if (removes.length > 0) await store.commit([], removes)
    removed += removes.length
  }
  return removed
}

function hasClassOne(store: CheckContext['store'], actor: string): boolean {
  let after: OrderedKey | undefined
  for (;;) {
    const page = store.keys(collections.byActor, { prefix: [actor], limit: pageLength, ...(after && { after }) })
    if (page.some((key) => key[2] === 1)) return true
    after = page.at(-1)
    if (page.length < pageLength) return false
  }
}
