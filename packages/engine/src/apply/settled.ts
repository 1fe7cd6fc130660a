import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { StoredOperation } from '@holdfast/usecases/ports/operation-store'

/**
 * What became of one command of a batch.
 *
 * - `written`: it took effect; `row` is the row as this command left it.
 * - `rejected`, `conflicted`: judged against the stored row, without effect.
 * - `duplicate`: it was applied before, as `stored` says; `current` is the row now.
 * - `unavailable`: nothing was done, and the store may be asked again later; `contended`: too many rounds were lost to others.
 * - `unknown`: sent and unanswered.
 * - `impossible`: the store can never hold it: a hole in the validation.
 */
export type Settled<Kind extends EntityKind> =
  | { readonly state: 'written'; readonly row: RowOf<Kind>; readonly isConflicted: boolean }
  | { readonly state: 'rejected'; readonly code: ErrorCode }
  | { readonly state: 'conflicted'; readonly code: ErrorCode | null }
  | { readonly state: 'duplicate'; readonly stored: StoredOperation<Kind>; readonly current: RowOf<Kind> | null }
  | { readonly state: 'unavailable' }
  | { readonly state: 'contended' }
  | { readonly state: 'unknown' }
  | { readonly state: 'impossible' }
