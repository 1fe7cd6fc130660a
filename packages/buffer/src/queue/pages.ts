import type { Clock } from '@holdfast/usecases/ports/clock'
import type { OrderedEntry, OrderedKey, OrderedRange, OrderedStore } from '@holdfast/usecases/ports/ordered-store'

/** How long the event loop may be kept before it is let go on. */
const longestTurnMs = 15

/** Lets the event loop breathe, if it has not for a while. */
export type Breathe = () => Promise<void>

export function createBreathe(clock: Clock): Breathe {
  let since = clock.monotonic()
  return async () => {
    if (clock.monotonic() - since < longestTurnMs) return
    await clock.sleep(0)
    since = clock.monotonic()
  }
}

/** All rows of a collection, in order, `limit` at a time. Rows behind the page may be changed meanwhile. */
export const pagesOf = (store: OrderedStore, collection: string, limit: number, breathe: Breathe) =>
  pages<OrderedEntry>(
    (range) => store.range(collection, range),
    ({ key }) => key,
    limit,
    breathe,
  )

/** The same, of the keys alone. */
export const keyPagesOf = (store: OrderedStore, collection: string, limit: number, breathe: Breathe) =>
  pages<OrderedKey>(
    (range) => store.keys(collection, range),
    (key) => key,
    limit,
    breathe,
  )

async function* pages<Item>(
  read: (range: OrderedRange) => readonly Item[],
  keyOf: (item: Item) => OrderedKey,
  limit: number,
  breathe: Breathe,
): AsyncGenerator<readonly Item[]> {
  let after: OrderedKey | undefined
  for (;;) {
    const page = read(after === undefined ? { limit } : { limit, after })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    if (page.length < limit) return
    after = keyOf(last)
    await breathe()
  }
}
