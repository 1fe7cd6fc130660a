import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { StoredOperation } from '@holdfast/usecases/ports/operation-store'

/**
 * What became of one command of a batch.
 *
 * - `written`: it took effect; `row` is the row as this command left it.
 * - `rejected`, `conflicted`: judged against the stored row, without effect.
 * - `duplicate`: it was applied before, as `stored` says; `current` is the row now.
 * - `absent`: a drained command on a row that is not there, or not yet; nothing was written.
 * - `unavailable`: nothing was done, and the store may be asked again later; `contended`: too many rounds were lost to others.
 * - `misconfigured`: nothing was done, and nothing will be until an operator acts.
 * - `unknown`: sent and unanswered.
 * - `impossible`: the store can never hold it: a hole in the validation.
 */
export type Settled<Kind extends EntityKind> =
  | { readonly state: 'written'; readonly row: RowOf<Kind>; readonly isConflicted: boolean }
  | { readonly state: 'rejected'; readonly code: ErrorCode }
  | { readonly state: 'conflicted'; readonly code: ErrorCode | null }
  | { readonly state: 'duplicate'; readonly stored: StoredOperation<Kind>; readonly current: RowOf<Kind> | null }
  | { readonly state: 'absent'; readonly code: ErrorCode }
  | { readonly state: 'unavailable' }
  | { readonly state: 'misconfigured' }
  | { readonly state: 'contended' }
  | { readonly state: 'unknown' }
  | { readonly state: 'impossible' }

/** Whether a command with this end may still take effect later, so that those behind it on its entity must wait. */
export const isUndecided = ({ state }: Settled<EntityKind>): boolean =>
  state === 'unavailable' || state === 'misconfigured' || state === 'contended' || state === 'unknown'
