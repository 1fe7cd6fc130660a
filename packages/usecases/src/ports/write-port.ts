import type { CommandOf, EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'

interface Acknowledged {
  readonly operationId: OperationId
  readonly isReplay: boolean
  /** Whoever brings it to a read, at any instance, sees this write there. */
  readonly consistencyToken: string
}

/**
 * What became of a submitted command.
 *
 * - `committed`: it is in Postgres, once. `isReplay`: it was there before, and `row` is what its first caller was answered with.
 * - `buffered`: it is on this instance’s disk and will be applied, once. `row` is what this instance expects it to make.
 * - `refused`: nothing was done, and nothing is kept: the same operation id may be used again.
 * - `unknown`: it was sent and not answered; the same operation id may be sent again safely.
 */
export type Receipt<Kind extends EntityKind> =
  | (Acknowledged & { readonly state: 'committed'; readonly row: RowOf<Kind> })
  | (Acknowledged & { readonly state: 'buffered'; readonly row: RowOf<Kind> | null })
  | { readonly state: 'refused'; readonly operationId: OperationId; readonly code: ErrorCode }
  | { readonly state: 'unknown'; readonly operationId: OperationId }

/** How the caller wants it kept. */
export interface WriteOptions {
  /** `committed` refuses buffering: what cannot be committed in time is refused or unknown. */
  readonly durability?: 'committed' | undefined
  /** Up to 30: hold the answer of a buffered write until it is drained, this many seconds at most. */
  readonly waitSeconds?: number | undefined
}

/**
 * The one way in for every write. Commands on one entity are applied one after the other in the order of their submission;
 * the answer comes within the write deadline. Never rejects for reasons of the store: those are receipts.
 */
export interface WritePort {
  submit<Kind extends EntityKind>(command: CommandOf<Kind> & { readonly kind: Kind }, options?: WriteOptions): Promise<Receipt<Kind>>
}
