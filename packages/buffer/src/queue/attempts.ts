import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { OrderedKey, OrderedPut, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { collections } from './collections.ts'
import { readFrame, writeFrame, type Upcasts } from './frame.ts'

/** How a record fared with the drain. */
export type Attempts = Pick<PendingCommand, 'attempts' | 'lastFailure' | 'waitedMs'>

const none: Attempts = { attempts: 0, lastFailure: null, waitedMs: 0 }
const upcasts: Upcasts = []

/** Of the record with this key; none if that is not known any more, for nothing hangs on it. */
export function readAttempts(store: OrderedStore, key: OrderedKey): Attempts {
  const bytes = store.get(collections.attempts, key)
  const reading = bytes && readFrame(bytes, upcasts)
  if (reading?.state !== 'read') return none
  const { attempts, lastFailure, waitedMs } = (reading.content ?? {}) as Partial<Attempts>
  const isWhole = typeof attempts === 'number' && typeof lastFailure === 'string' && typeof waitedMs === 'number'
  return isWhole ? { attempts, lastFailure, waitedMs } : none
}

export const putAttempts = (key: OrderedKey, attempts: Attempts): OrderedPut => ({
  collection: collections.attempts,
  key,
  value: writeFrame(attempts, upcasts),
})
