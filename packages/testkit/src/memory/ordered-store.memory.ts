import {
  type KeyPart,
  type OrderedEntry,
  type OrderedKey,
  type OrderedPut,
  type OrderedRange,
  type OrderedRemove,
  type OrderedStore,
  assertOrderedKey,
  assertOrderedRange,
  maxValueBytes,
} from '@holdfast/usecases/ports/ordered-store'

/** The ordered store in memory, with doors for tests: it sits the same exam as the one on disk. */
export interface MemoryOrderedStore extends OrderedStore {
  /** How many commits were made. */
  readonly commits: () => number
  /** Waited for before each commit takes effect; what it throws is what the commit rejects with, and nothing is written. */
  beforeCommit: (puts: readonly OrderedPut[], removes: readonly OrderedRemove[]) => Promise<void> | void
  /** Waited for after it took effect and before it resolves. */
  afterCommit: () => Promise<void> | void
}

/** An empty store with these collections. */
export function createMemoryOrderedStore(collections: readonly string[]): MemoryOrderedStore {
  const entries = new Map(collections.map((name) => [name, [] as OrderedEntry[]]))
  const collectionOf = (name: string): OrderedEntry[] => {
    const found = entries.get(name)
    if (found === undefined) throw new RangeError(`There is no collection ${name}`)
    return found
  }
  let commits = 0
  let turn: Promise<void> = Promise.resolve()

  const write = async (puts: readonly OrderedPut[], removes: readonly OrderedRemove[]): Promise<void> => {
    await store.beforeCommit(puts, removes)
    for (const { collection, key } of removes) {
      const list = collectionOf(collection)
      const { index, isFound } = placeOf(list, key)
      if (isFound) list.splice(index, 1)
    }
    for (const { collection, key, value } of puts) {
      const list = collectionOf(collection)
      const { index, isFound } = placeOf(list, key)
      list.splice(index, isFound ? 1 : 0, { key: [...key], value: Uint8Array.from(value) })
    }
    commits += 1
    await store.afterCommit()
  }
  const store: MemoryOrderedStore = {
    commits: () => commits,
    beforeCommit: () => undefined,
    afterCommit: () => undefined,
    async commit(puts, removes) {
      for (const { collection, key } of [...puts, ...removes]) {
        collectionOf(collection)
        assertOrderedKey(key)
      }
      if (puts.some(({ value }) => value.length > maxValueBytes)) throw new RangeError(`A value has at most ${maxValueBytes} bytes`)
      const taken = puts.map(({ collection, key, value }) => ({ collection, key: [...key], value: Uint8Array.from(value) }))
      const mine = turn.then(() => write(taken, [...removes]))
      turn = mine.catch(() => undefined)
      await mine
    },
    get(collection, key) {
      assertOrderedKey(key)
      const list = collectionOf(collection)
      const { index, isFound } = placeOf(list, key)
      return isFound ? Uint8Array.from((list[index] as OrderedEntry).value) : undefined
    },
    range(collection, range) {
      assertOrderedRange(range)
      return rangeOf(collectionOf(collection), range)
    },
  }
  return store
}

/** A range over a sorted list, as the port says. */
export function rangeOf(
  list: readonly OrderedEntry[],
  { prefix = [], after, isReversed = false, limit }: OrderedRange,
): readonly OrderedEntry[] {
  const found: OrderedEntry[] = []
  const copy = ({ key, value }: OrderedEntry): OrderedEntry => ({ key: [...key], value: Uint8Array.from(value) })
  const begins = ({ key }: OrderedEntry): boolean => prefix.every((part, index) => key[index] === part)
  if (isReversed) {
    let index = after === undefined ? list.length : placeOf(list, after).index
    while (--index >= 0 && found.length < limit) {
      const entry = list[index] as OrderedEntry
      if (begins(entry)) found.push(copy(entry))
      else if (compareKeys(entry.key, prefix) < 0) break
    }
    return found
  }
  const start = placeOf(list, after !== undefined && compareKeys(after, prefix) >= 0 ? after : prefix)
  let index = start.isFound && after !== undefined && compareKeys(after, prefix) >= 0 ? start.index + 1 : start.index
  for (; index < list.length && found.length < limit; index++) {
    const entry = list[index] as OrderedEntry
    if (!begins(entry)) break
    found.push(copy(entry))
  }
  return found
}

/** Where a key is in a sorted list, or would be. */
export function placeOf(list: readonly OrderedEntry[], key: OrderedKey): { readonly index: number; readonly isFound: boolean } {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys((list[middle] as OrderedEntry).key, key) < 0) low = middle + 1
    else high = middle
  }
  const at = list[low]
  return { index: low, isFound: at !== undefined && compareKeys(at.key, key) === 0 }
}

/** The order of keys that the port promises. */
export function compareKeys(a: OrderedKey, b: OrderedKey): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareParts(a[index] as KeyPart, b[index] as KeyPart)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareParts(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return typeof a === 'number' ? -1 : 1
}
