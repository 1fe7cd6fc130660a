/** How many records, and the bytes of their frames. */
export interface Totals {
  readonly count: number
  readonly bytes: number
}

export const noTotals: Totals = { count: 0, bytes: 0 }

export const plus = (a: Totals, b: Totals): Totals => ({ count: a.count + b.count, bytes: a.bytes + b.bytes })

/** Never below zero: a wrong count must not make the buffer look full for ever. */
export const minus = (a: Totals, b: Totals): Totals => ({ count: Math.max(0, a.count - b.count), bytes: Math.max(0, a.bytes - b.bytes) })

export const isBelow = (a: Totals, b: Totals): boolean => a.count < b.count || a.bytes < b.bytes

export const isSame = (a: Totals, b: Totals): boolean => a.count === b.count && a.bytes === b.bytes
