import type { KeyPart, OrderedRange } from '@holdfast/usecases/ports/ordered-store'

/** Behind every part that a key can have. */
const afterAllParts = '\u007f'

interface LmdbRange {
  readonly start?: KeyPart[]
  readonly end?: KeyPart[]
  readonly reverse: boolean
  readonly exclusiveStart: boolean
  readonly inclusiveEnd: boolean
  readonly limit: number
}

/** A range of the port in the terms of LMDB, whose start is behind its end when it is reversed. */
export function rangeOptions({ prefix = [], after, isReversed = false, limit }: OrderedRange): LmdbRange {
  const first = [...prefix]
  const last = [...prefix, afterAllParts]
  // Lower bounds that are empty are left out: LMDB has no empty key.
  const from = first.length === 0 ? {} : isReversed ? { end: first } : { start: first }
  const shared = { reverse: isReversed, limit, inclusiveEnd: true }
  if (isReversed) {
    const start = after !== undefined && comesBefore(after, last) ? [...after] : last
    return { ...shared, ...from, start, exclusiveStart: true }
  }
  const isInside = after !== undefined && !comesBefore(after, first)
  return { ...shared, ...from, ...(isInside ? { start: [...after], exclusiveStart: true } : { exclusiveStart: false }), end: last }
}

function comesBefore(one: readonly KeyPart[], other: readonly KeyPart[]): boolean {
  for (let place = 0; place < Math.min(one.length, other.length); place++) {
    const [a, b] = [one[place] as KeyPart, other[place] as KeyPart]
    if (a === b) continue
    return typeof a === typeof b ? a < b : typeof a === 'number'
  }
  return one.length < other.length
}
