import type { OrderedEntry, OrderedKey, OrderedPut, OrderedRemove, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import type { CheckContext } from './check-context.ts'
import { indexValue, rowKeyOf, type IndexedTable, type TableIndex } from './indexed-table.ts'
import { keyPagesOf, pagesOf } from './pages.ts'
import { moveAside } from './quarantine.ts'
import { SetSum } from './set-sum.ts'

/** Rows are at most 192 kB. Short pages die young: with 2,000 keys the heap grows by 150 MB over a million records, with these by 80. */
const pageLengths = { rows: 250, keys: 500 } as const

/** Told of each row that is whole, and of each that was put aside. */
export interface RowObserver<Content> {
  whole(key: OrderedKey, content: Content, bytes: number): void
  putAside(key: OrderedKey): void
  endOfPage?(): void
  /** Shown one index, which may be shown again from its beginning; what it was shown last is right. */
  readonly reader?: IndexReader
}

/** Reads an index while that is checked, page by page in the order of its keys. */
export interface IndexReader {
  readonly collection: string
  restart(): void
  page(keys: readonly OrderedKey[]): Promise<void>
  end(): Promise<void>
}

/**
 * Reads every row of a table, puts aside those that cannot be read, and makes each index what it should be.
 * Holds a page at a time in memory.
 */
export async function checkTable<Content>(
  context: CheckContext,
  table: IndexedTable<Content>,
  observer: RowObserver<Content>,
): Promise<void> {
  const expected = await checkRows(context, table, observer)
  for (const [place, index] of table.indexes.entries()) {
    const reader = observer.reader?.collection === index.collection ? observer.reader : null
    const found = await sumOfIndex(context, index.collection, reader)
    if (found.isSame(expected[place] as SetSum)) continue
    await repairIndex(context, table, index)
    if (reader !== null) await sumOfIndex(context, index.collection, reader)
  }
}

async function sumOfIndex({ store, breathe }: CheckContext, collection: string, reader: IndexReader | null): Promise<SetSum> {
  const sum = new SetSum()
  reader?.restart()
  for await (const page of keyPagesOf(store, collection, pageLengths.keys, breathe)) {
    for (const key of page) sum.add(key)
    await reader?.page(page)
  }
  await reader?.end()
  return sum
}

/** Answers with the sum of the rows that each index should have. */
async function checkRows<Content>(
  { store, log, breathe }: CheckContext,
  table: IndexedTable<Content>,
  observer: RowObserver<Content>,
): Promise<readonly SetSum[]> {
  const sums = table.indexes.map(() => new SetSum())
  let unreadable = 0
  let newer = 0
  for await (const page of pagesOf(store, table.collection, pageLengths.rows, breathe)) {
    const aside: OrderedEntry[] = []
    for (const entry of page) {
      const reading = table.read(entry)
      if (reading.state === 'read') {
        table.indexes.forEach((index, place) => sums[place]?.add(index.keyOf(entry.key, reading.content, entry.value.length)))
        observer.whole(entry.key, reading.content, entry.value.length)
        continue
      }
      aside.push(entry)
      observer.putAside(entry.key)
      if (reading.state === 'newer') newer += 1
      else unreadable += 1
    }
    if (aside.length > 0) {
      const moves = aside.map((entry) => moveAside(table.collection, entry))
      await store.commit(
        moves.map(({ put }) => put),
        moves.map(({ remove }) => remove),
      )
    }
    observer.endOfPage?.()
  }
  if (unreadable + newer > 0)
    log.error('Records of the buffer cannot be read and were put aside', undefined, { collection: table.collection, unreadable, newer })
  return sums
}

/** Adds the rows that are missing from an index, and removes those that belong to nothing. */
async function repairIndex<Content>(
  { store, log, breathe }: CheckContext,
  table: IndexedTable<Content>,
  index: TableIndex<Content>,
): Promise<void> {
  const { collection } = index
  let missing = 0
  let stray = 0
  for await (const page of pagesOf(store, table.collection, pageLengths.rows, breathe)) {
    const puts: OrderedPut[] = []
    for (const entry of page) {
      const key = indexKeyOf(table, index, entry)
      if (key !== null && store.get(collection, key) === undefined) puts.push({ collection, key, value: indexValue })
    }
    if (puts.length > 0) await store.commit(puts, [])
    missing += puts.length
  }
  for await (const page of keyPagesOf(store, collection, pageLengths.keys, breathe)) {
    const removes: OrderedRemove[] = page.filter((key) => isStray(store, table, index, key)).map((key) => ({ collection, key }))
    if (removes.length > 0) await store.commit([], removes)
    stray += removes.length
  }
  log.warn('An index of the buffer was repaired', { collection, missing, stray })
}

function indexKeyOf<Content>(table: IndexedTable<Content>, index: TableIndex<Content>, entry: OrderedEntry): OrderedKey | null {
  const reading = table.read(entry)
  return reading.state === 'read' ? index.keyOf(entry.key, reading.content, entry.value.length) : null
}

function isStray<Content>(store: OrderedStore, table: IndexedTable<Content>, index: TableIndex<Content>, indexKey: OrderedKey): boolean {
  const key = rowKeyOf(index, indexKey)
  const value = key === null ? undefined : store.get(table.collection, key)
  if (key === null || value === undefined) return true
  const expected = indexKeyOf(table, index, { key, value })
  return expected === null || expected.length !== indexKey.length || expected.some((part, place) => part !== indexKey[place])
}
