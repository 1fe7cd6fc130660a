import {
  type KeyPart,
  type OrderedEntry,
  type OrderedKey,
  type OrderedPut,
  type OrderedRange,
  type OrderedRemove,
  assertOrderedKey,
  assertOrderedRange,
  maxValueBytes,
} from '@holdfast/usecases/ports/ordered-store'

/** What one commit writes. */
export interface OrderedCommit {
  readonly puts: readonly OrderedPut[]
  readonly removes: readonly OrderedRemove[]
}

/** The contents of an ordered store in memory, with the limits of the port; what it is given and what it gives are copies. */
export class OrderedCollections {
  readonly #entries: ReadonlyMap<string, OrderedEntry[]>

  constructor(names: readonly string[]) {
    this.#entries = new Map(names.map((name) => [name, []]))
  }

  /** A commit as it was at the call: its caller may change what it gave. Nothing is written yet. @throws RangeError beyond the limits */
  take({ puts, removes }: OrderedCommit): OrderedCommit {
    for (const { collection, key } of [...puts, ...removes]) {
      this.entriesOf(collection)
      assertOrderedKey(key)
    }
    if (puts.some(({ value }) => value.length > maxValueBytes)) throw new RangeError(`A value has at most ${maxValueBytes} bytes`)
    return {
      puts: puts.map(({ collection, ...entry }) => ({ collection, ...copyOf(entry) })),
      removes: removes.map(({ collection, key }) => ({ collection, key: [...key] })),
    }
  }

  /** Of a commit that was taken. */
  write({ puts, removes }: OrderedCommit): void {
    for (const { collection, key } of removes) {
      const list = this.entriesOf(collection)
      const { index, isFound } = placeOf(list, key)
      if (isFound) list.splice(index, 1)
    }
    for (const { collection, key, value } of puts) {
      const list = this.entriesOf(collection)
      const { index, isFound } = placeOf(list, key)
      list.splice(index, isFound ? 1 : 0, { key, value })
    }
  }

  get(collection: string, key: OrderedKey): Uint8Array | undefined {
    assertOrderedKey(key)
    const list = this.entriesOf(collection)
    const { index, isFound } = placeOf(list, key)
    return isFound ? Uint8Array.from((list[index] as OrderedEntry).value) : undefined
  }

  range(collection: string, range: OrderedRange): readonly OrderedEntry[] {
    assertOrderedRange(range)
    return rangeOf(this.entriesOf(collection), range)
  }

  keys(collection: string, range: OrderedRange): readonly OrderedKey[] {
    return this.range(collection, range).map(({ key }) => key)
  }

  /** The entries themselves, sorted. */
  entriesOf(collection: string): OrderedEntry[] {
    const found = this.#entries.get(collection)
    if (found === undefined) throw new RangeError(`There is no collection ${collection}`)
    return found
  }
}

const copyOf = ({ key, value }: OrderedEntry): OrderedEntry => ({ key: [...key], value: Uint8Array.from(value) })

/** A range over a sorted list, as the port says. */
export function rangeOf(
  list: readonly OrderedEntry[],
  { prefix = [], after, isReversed = false, limit }: OrderedRange,
): readonly OrderedEntry[] {
  const found: OrderedEntry[] = []
  const begins = ({ key }: OrderedEntry): boolean => prefix.every((part, index) => key[index] === part)
  if (isReversed) {
    let index = after === undefined ? list.length : placeOf(list, after).index
    while (--index >= 0 && found.length < limit) {
      const entry = list[index] as OrderedEntry
      if (begins(entry)) found.push(copyOf(entry))
      else if (compareKeys(entry.key, prefix) < 0) break
    }
    return found
  }
  const start = placeOf(list, after !== undefined && compareKeys(after, prefix) >= 0 ? after : prefix)
  let index = start.isFound && after !== undefined && compareKeys(after, prefix) >= 0 ? start.index + 1 : start.index
  for (; index < list.length && found.length < limit; index++) {
    const entry = list[index] as OrderedEntry
    if (!begins(entry)) break
    found.push(copyOf(entry))
  }
  return found
}

/** Where a key is in a sorted list, or would be. */
function placeOf(list: readonly OrderedEntry[], key: OrderedKey): { readonly index: number; readonly isFound: boolean } {
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
