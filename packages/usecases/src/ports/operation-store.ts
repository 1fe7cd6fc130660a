import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { LostValue } from '@holdfast/domain/entity'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { InstanceId, OperationId, UserId } from '@holdfast/domain/identifiers'
import type { Stamp } from '@holdfast/domain/stamp'

/** What is kept of an operation, for 45 days. No content. */
export interface OperationRecord {
  readonly id: OperationId
  readonly actor: UserId
  readonly name: string
  readonly kind: EntityKind
  readonly entity: string
  readonly fingerprint: string | null
  readonly stamp: Stamp
  /** Milliseconds since 1970. */
  readonly acceptedAt: number
  readonly instance: InstanceId
  readonly acknowledgedAs: 'committed' | 'buffered'
  /** `expired`: rejected because it could not be applied for too long. */
  readonly outcome: 'applied' | 'conflicted' | 'rejected' | 'expired'
  readonly reason: ErrorCode | null
  /** The row’s revision that it made, or found. */
  readonly revision: number
}

/** An operation of a batch. */
export interface OperationWrite<Kind extends EntityKind> extends OperationRecord {
  /** Whether its outcome depends on a row of the batch, by an effect or by having been judged on it: it must not be kept without that row. */
  readonly dependsOnRow: boolean
  /** The row as this operation left it, kept for 48 h so that a replay of its key is answered byte for byte; null for no key. */
  readonly response: RowOf<Kind> | null
}

/** An operation that was applied before, and the row that its caller was answered with, if that is still kept. */
export interface StoredOperation<Kind extends EntityKind> {
  readonly id: OperationId
  readonly entity: string
  readonly fingerprint: string | null
  readonly outcome: OperationRecord['outcome']
  readonly reason: ErrorCode | null
  readonly revision: number
  readonly response: RowOf<Kind> | null
}

export interface RowWrite<Kind extends EntityKind> {
  readonly row: RowOf<Kind>
  /** The revision that was read; 0 if there was no row. */
  readonly expectedRevision: number
}

/** What a read found, of one moment. */
export interface StoreRead<Kind extends EntityKind> {
  readonly rows: ReadonlyMap<string, RowOf<Kind>>
  readonly operations: ReadonlyMap<OperationId, StoredOperation<Kind>>
  /** The store’s own clock at that moment, in milliseconds since 1970. */
  readonly at: number
}

export interface CommitBatch<Kind extends EntityKind> {
  readonly rows: readonly RowWrite<Kind>[]
  readonly operations: readonly OperationWrite<Kind>[]
  /** Values that lost, by operation; kept 30 days. */
  readonly lost: readonly { readonly operation: OperationId; readonly entity: string; readonly owner: UserId; readonly value: LostValue }[]
}

/** Which connection carries a call. `direct` ones are chosen by lane; one drain; both are apart from reads. */
export interface StoreCall {
  readonly lane: 'direct-0' | 'direct-1' | 'drain'
  readonly deadlineMs: number
}

/**
 * The store of rows and operations under the batcher: two calls, each one round trip.
 *
 * `commit` is atomic and does, for every entity of the batch on its own, all or nothing: the row is written only if its
 * revision is still the expected one (0: only if there is none), and the operations that depend on it only if the row was
 * written; those that depend on none are always written. It never waits for a row that somebody else holds: such an entity is
 * not written. It answers with the entities written. A batch holds each entity once and each operation once.
 *
 * Both reject with `StoreError` alone. A commit may take effect after its deadline: harmless, by the compare-and-set.
 */
export interface OperationStore {
  read<Kind extends EntityKind>(
    kind: Kind,
    entities: readonly string[],
    operations: readonly OperationId[],
    call: StoreCall,
  ): Promise<StoreRead<Kind>>
  commit<Kind extends EntityKind>(kind: Kind, batch: CommitBatch<Kind>, call: StoreCall): Promise<ReadonlySet<string>>
}

/**
 * - `unavailable`: nothing was sent, or the store said that it cannot now; nothing was done.
 * - `unknown`: sent and unanswered; it may be done.
 * - `contended`: a row, an id or a lock was somebody else’s at that moment (also: an operation id of the batch exists).
 *   Nothing was done; reading and trying again may help.
 * - `invalid`: some command of the batch can never be stored. Nothing was done.
 * - `misconfigured`: wrong database, missing table or right. Nothing was done; an operator must act.
 */
export type StoreFailure = 'unavailable' | 'unknown' | 'contended' | 'invalid' | 'misconfigured'

/** Carries no SQL and no parameter. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly failure: StoreFailure
  readonly sqlstate: string | undefined

  constructor(failure: StoreFailure, sqlstate?: string) {
    super(`The store failed: ${failure}${sqlstate === undefined ? '' : ` (${sqlstate})`}`)
    this.failure = failure
    this.sqlstate = sqlstate
  }
}
