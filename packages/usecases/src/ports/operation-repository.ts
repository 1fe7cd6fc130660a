import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { OperationRecord } from './operation-store.ts'

/** An operation that was applied, or judged for good; `appliedAt`: when, in milliseconds since 1970. */
export type OperationFound = OperationRecord & { readonly appliedAt: number }

export interface OperationQuery {
  readonly actor: UserId
  readonly outcomes: readonly OperationRecord['outcome'][]
  /** Where the page before ended. */
  readonly after: { readonly appliedAt: number; readonly id: OperationId } | null
  /** Operations that are left out; at most 1,000. */
  readonly except?: readonly OperationId[]
  /** 1 to 101: the use case asks for one more than it shows. */
  readonly limit: number
}

/** Reads of operations that the database has. Rejects with `StoreError`. */
export interface OperationRepository {
  /** The user’s own operation; `null` if there is none, or it is somebody else’s. */
  find(actor: UserId, id: OperationId): Promise<OperationFound | null>
  /** The user’s own operations with one of these outcomes, latest applied first, then by id descending. */
  list(query: OperationQuery): Promise<readonly OperationFound[]>
}
