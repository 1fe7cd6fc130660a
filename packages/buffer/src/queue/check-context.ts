import type { Log } from '@holdfast/usecases/ports/log'
import type { OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import type { Breathe } from './pages.ts'

/** What the check of the store at its opening works with. */
export interface CheckContext {
  readonly store: OrderedStore
  readonly log: Log
  readonly breathe: Breathe
}
