/** An integer from 0 to 2^53 − 1, or up to 64 printable ASCII characters. Numbers come before strings. */
export type KeyPart = number | string

/** 1 to 8 parts. Ordered part by part: numbers by value, strings by their bytes; a key comes before all that it is the beginning of. */
export type OrderedKey = readonly KeyPart[]

export const maxValueBytes = 256 * 1024

export interface OrderedPut {
  /** One of the collections that the store was opened with. */
  readonly collection: string
  readonly key: OrderedKey
  readonly value: Uint8Array
}

export interface OrderedRemove {
  readonly collection: string
  readonly key: OrderedKey
}

export interface OrderedEntry {
  readonly key: OrderedKey
  /** A copy: it may be kept. */
  readonly value: Uint8Array
}

export interface OrderedRange {
  /** Only keys that begin with these parts; all if left out. */
  readonly prefix?: OrderedKey
  /** Where the page before ended: only keys behind it, in the direction of the range. */
  readonly after?: OrderedKey
  /** The last first. */
  readonly isReversed?: boolean
  /** 1 to 10,000. */
  readonly limit: number
}

/**
 * A durable ordered map per collection, for one process.
 *
 * `commit` writes all of its puts and removes or none, and resolves once they are on disk; what is not on disk is not seen by
 * `get`, `range` and `keys`, which see every commit that has resolved. Commits that are called one after the other take effect in that
 * order. A key put and removed by one commit is put. Rejects with `OrderedStoreError` alone, and reads throw it when the store
 * is closed or cannot be read. What is outside of the limits of this file is a mistake of the caller: a `RangeError`, and nothing is written.
 */
export interface OrderedStore {
  commit(puts: readonly OrderedPut[], removes: readonly OrderedRemove[]): Promise<void>
  get(collection: string, key: OrderedKey): Uint8Array | undefined
  range(collection: string, range: OrderedRange): readonly OrderedEntry[]
  /** The keys of a range alone: a third of the work where nobody asks for the values. */
  keys(collection: string, range: OrderedRange): readonly OrderedKey[]
}

/** @throws RangeError, with the reason, when the store cannot hold this key. */
export function assertOrderedKey(key: OrderedKey): void {
  if (key.length < 1 || key.length > 8) throw new RangeError(`A key has 1 to 8 parts, not ${key.length}`)
  assertKeyParts(key)
}

/** @throws RangeError, with the reason, when no key can begin so, or when the limit is none. */
export function assertOrderedRange({ prefix = [], after, limit }: OrderedRange): void {
  if (prefix.length > 8) throw new RangeError(`A prefix has at most 8 parts, not ${prefix.length}`)
  assertKeyParts(prefix)
  if (after !== undefined) assertOrderedKey(after)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new RangeError(`The limit of a range is 1 to 10,000, not ${limit}`)
}

function assertKeyParts(parts: readonly KeyPart[]): void {
  for (const part of parts) {
    const isKept = typeof part === 'number' ? Number.isSafeInteger(part) && part >= 0 : /^[ -~]{0,64}$/.test(part)
    if (!isKept) throw new RangeError('A part of a key is an integer from 0 to 2^53 − 1, or up to 64 printable ASCII characters')
  }
}

/**
 * - `full`: nothing was written: the disk has no room for it, or will soon have none. It may have later.
 * - `failed`: the disk refused; whether it was written will be known after a restart. From then on every commit of this store is `failed`.
 * - `closed`: nothing was written: the store is closed.
 */
export type OrderedStoreFailure = 'full' | 'failed' | 'closed'

export class OrderedStoreError extends Error {
  override readonly name = 'OrderedStoreError'
  readonly failure: OrderedStoreFailure

  constructor(failure: OrderedStoreFailure, options?: ErrorOptions) {
    super(`The ordered store failed: ${failure}`, options)
    this.failure = failure
  }
}
