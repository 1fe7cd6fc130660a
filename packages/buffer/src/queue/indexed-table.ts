import type { KeyPart, OrderedEntry, OrderedKey, OrderedPut, OrderedRemove } from '@holdfast/usecases/ports/ordered-store'
import type { Reading } from './frame.ts'

/** Finds rows of a table by something in them. An index row is all key: it names its row, and its value says nothing. */
export interface TableIndex<Content> {
  readonly collection: string
  keyOf(row: OrderedKey, content: Content, bytes: number): OrderedKey
  /** Where the parts of the row’s key are in the index key. */
  readonly rowParts: readonly number[]
}

/** A collection of frames with its indexes, which are written in the same commit as the row. */
export interface IndexedTable<Content> {
  readonly collection: string
  /** What a row holds, if that is whole and belongs under its key. */
  read(entry: OrderedEntry): Reading<Content>
  readonly indexes: readonly TableIndex<Content>[]
}

export const indexValue = Uint8Array.of(1)

/** The key of the row that an index row names; null if it has not the form of an index row. */
export function rowKeyOf<Content>(index: TableIndex<Content>, indexKey: OrderedKey): OrderedKey | null {
  const row: KeyPart[] = []
  for (const place of index.rowParts) {
    const part = indexKey[place]
    if (part === undefined) return null
    row.push(part)
  }
  return row
}

/** All that is put for a row: itself, and a row in each index. */
export const putsOf = <Content>(table: IndexedTable<Content>, key: OrderedKey, content: Content, frame: Uint8Array): OrderedPut[] => [
  { collection: table.collection, key, value: frame },
  ...table.indexes.map((index) => ({ collection: index.collection, key: index.keyOf(key, content, frame.length), value: indexValue })),
]

/** All that is removed with a row. */
export const removesOf = <Content>(table: IndexedTable<Content>, key: OrderedKey, content: Content, bytes: number): OrderedRemove[] => [
  { collection: table.collection, key },
  ...table.indexes.map((index) => ({ collection: index.collection, key: index.keyOf(key, content, bytes) })),
]
