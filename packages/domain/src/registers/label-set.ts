import { laterStamp, type Stamp } from '../stamps/stamp.ts'
import type { LabelStamps } from './row-clock.ts'

/** What a command does to a set of labels: `replace` forgets all that came before it. */
export interface LabelChange {
  readonly replace?: readonly string[]
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

interface LabelSet {
  readonly labels: readonly string[]
  /** When the set was last replaced. */
  readonly reset: Stamp
  readonly stamps: LabelStamps
}

/** Labels that a clock may hold by name, live or removed: a bound on the row, checked for direct commands. */
export const maxLabelStamps = 500

/** JSON objects keyed by what users wrote: `__proto__` must be a name like any other. */
const table = (): Record<string, readonly [Stamp | null, Stamp | null]> =>
  Object.create(null) as Record<string, readonly [Stamp | null, Stamp | null]>

/**
 * A last-writer-wins element set with a reset stamp: a label is in it when it was added at or after the reset and after its
 * removal. A label of the last replacement needs no entry of its own. Merging is commutative, associative and idempotent
 * (Shapiro et al., “A comprehensive study of Convergent and Commutative Replicated Data Types”, 2011, §3.3.3).
 */
export function mergeLabels(set: LabelSet, change: LabelChange, stamp: Stamp): LabelSet {
  const stamps = table()
  for (const label of set.labels) stamps[label] = [set.reset, null]
  for (const label of Object.keys(set.stamps)) {
    const [added, removed] = set.stamps[label] as readonly [Stamp | null, Stamp | null]
    stamps[label] = [added, removed]
  }
  const put = (label: string, added: Stamp | null, removed: Stamp | null): void => {
    const [earlierAdded, earlierRemoved] = stamps[label] ?? [null, null]
    stamps[label] = [laterStamp(earlierAdded, added), laterStamp(earlierRemoved, removed)]
  }
  for (const label of [...(change.replace ?? []), ...(change.add ?? [])]) put(label, stamp, null)
  for (const label of change.remove ?? []) put(label, null, stamp)
  const reset = change.replace === undefined ? set.reset : laterStamp(set.reset, stamp)

  const labels: string[] = []
  const kept = table()
  for (const label of Object.keys(stamps)) {
    const [added, removed] = stamps[label] as readonly [Stamp | null, Stamp | null]
    const liveAdd = added !== null && added >= reset ? added : null
    const liveRemove = removed !== null && removed >= reset ? removed : null
    if (liveAdd !== null && (liveRemove === null || liveAdd > liveRemove)) labels.push(label)
    if ((liveAdd !== null && liveAdd !== reset) || liveRemove !== null) kept[label] = [liveAdd, liveRemove]
  }
  return { labels: labels.toSorted(byCodePoint), reset, stamps: kept }
}

/** Order by Unicode code point, as the database’s "C" collation has it; JavaScript’s own order is by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const left = Buffer.from(a)
  return left.compare(Buffer.from(b))
}
