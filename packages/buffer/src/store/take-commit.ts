import type { OrderedPut, OrderedRemove } from '@holdfast/usecases/ports/ordered-store'
import { pageBytes } from './environment.ts'

/** What is put and removed in one transaction, and what that asks of the disk. */
export interface Commit {
  readonly puts: readonly OrderedPut[]
  readonly removes: readonly OrderedRemove[]
  /** Entries put or removed. */
  readonly changes: number
  /** Of values that do not share a page. */
  readonly ownPages: number
}

/** A value up to this length, and its key, share a page with others; a longer one takes pages of its own, side by side. */
const maxSharedPageValue = 1_500

/** Takes the values over, so that the caller may go on with its buffers: LMDB reads them later, in another thread. */
export function takeCommit(puts: readonly OrderedPut[], removes: readonly OrderedRemove[]): Commit {
  const valueBytes = puts.reduce((sum, { value }) => sum + value.length, 0)
  const memory = new Uint8Array(valueBytes)
  let at = 0
  const taken = puts.map(({ collection, key, value }) => {
    const copy = memory.subarray(at, (at += value.length))
    copy.set(value)
    return { collection, key: [...key], value: copy }
  })
  const changes = puts.length + removes.length
  const ownPages = puts.reduce(
    (sum, { value }) => sum + (value.length > maxSharedPageValue ? Math.ceil((value.length + 16) / pageBytes) : 0),
    0,
  )
  const removed = removes.map(({ collection, key }) => ({ collection, key: [...key] }))
  return { puts: taken, removes: removed, changes, ownPages }
}
