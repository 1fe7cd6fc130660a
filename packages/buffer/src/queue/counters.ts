import { isStamp, type Stamp } from '@holdfast/domain/stamp'
import type { OrderedPut, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { collections } from './collections.ts'
import { readFrame, writeFrame, type Upcasts } from './frame.ts'
import { noTotals, type Totals } from './totals.ts'

/** What is known of all rows without reading them: written in the commit that changes it, counted again at each opening. */
export interface Counters {
  /** By class. */
  readonly classes: readonly [Totals, Totals]
  /** Never given out twice, also when the queue was empty in between. */
  readonly nextSequence: number
  readonly deadLetters: number
  readonly quarantined: number
  /** Of any record that ever was here: a clock that goes on from it never steps back, also when all was drained. */
  readonly highestStamp: Stamp | null
}

export const noCounters: Counters = { classes: [noTotals, noTotals], nextSequence: 0, deadLetters: 0, quarantined: 0, highestStamp: null }

const key = ['counters'] as const
const upcasts: Upcasts = []

export const putCounters = (counters: Counters): OrderedPut => ({
  collection: collections.counters,
  key,
  value: writeFrame(counters, upcasts),
})

/** What was persisted; null if there is nothing, or nothing readable. */
export function readCounters(store: OrderedStore): Counters | null {
  const bytes = store.get(collections.counters, key)
  const reading = bytes && readFrame(bytes, upcasts)
  return reading?.state === 'read' && isCounters(reading.content) ? reading.content : null
}

function isCounters(content: unknown): content is Counters {
  const { classes, nextSequence, deadLetters, quarantined, highestStamp } = (content ?? {}) as Partial<Counters>
  return (
    Array.isArray(classes) &&
    classes.length === 2 &&
    [...classes.flatMap((totals: Partial<Totals> | null) => [totals?.count, totals?.bytes]), nextSequence, deadLetters, quarantined].every(
      (number) => Number.isSafeInteger(number) && (number as number) >= 0,
    ) &&
    (highestStamp === null || (typeof highestStamp === 'string' && isStamp(highestStamp)))
  )
}
