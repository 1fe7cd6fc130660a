import type { ErrorCode } from '../errors/error-codes.ts'
import type { OperationId, SessionId, UserId } from '../identifiers/identifiers.ts'
import type { Version } from '../operations/version.ts'
import type { Stamp } from '../stamps/stamp.ts'

/** What every stored row has beside its fields. */
export interface EntityRow {
  readonly id: string
  /** How many operations were applied to it; 1 at creation. */
  readonly revision: number
  readonly lastOperation: OperationId
  /** Encoded stamps of its registers (`row-clock.ts`); opaque to SQL. */
  readonly clock: string
}

/** What every command has beside its own input. Plain data: it is written to the buffer as JSON. */
export interface CommandHeader {
  readonly operationId: OperationId
  /** The row that it changes. */
  readonly entity: string
  readonly actor: UserId
  /** The session under which it was accepted: the drain judges the actor’s right by it. `null` for an operator, a login, or the service itself. */
  readonly session: SessionId | null
  /** Milliseconds since 1970 at which the edge took it. */
  readonly acceptedAt: number
  /** Base64url SHA-256 of operation and input; only where an idempotency key was sent. */
  readonly fingerprint: string | null
  /** The version that the caller has seen; a command with one is never resolved by time. */
  readonly baseVersion: Version | null
}

/** `direct`: the caller waits for the answer and can be refused. `drained`: it was acknowledged before, and must be merged. */
export type Delivery = 'direct' | 'drained'

/** A field whose written value did not win, with the value and the stamp that it was written at. */
export interface LostValue {
  readonly field: string
  readonly value: unknown
  readonly stamp: Stamp
}

/**
 * What became of a command. `applied` and a `conflicted` merge raise the row’s revision by one; `rejected` and a
 * `conflicted` stale base leave it alone; `duplicate` is the store’s to say: this operation was applied before.
 */
export type Outcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'conflicted'; readonly code: ErrorCode | null }
  | { readonly kind: 'rejected'; readonly code: ErrorCode }

export interface Merged<Row> {
  /** The row afterwards: the very same object if there was no effect. */
  readonly row: Row | null
  readonly outcome: Outcome
  readonly lost: readonly LostValue[]
}

/** One entity kind’s rule: the only place that decides what a command does to a row. Pure. */
export type Merge<Row extends EntityRow, Command extends CommandHeader> = (
  row: Row | null,
  command: Command,
  stamp: Stamp,
  delivery: Delivery,
) => Merged<Row>

/** A refusal: no effect. */
export const rejected = <Row>(row: Row | null, code: ErrorCode): Merged<Row> => ({ row, outcome: { kind: 'rejected', code }, lost: [] })

/** A base version that is no longer the row’s: refused while the caller waits, a conflict once acknowledged. No effect in both. */
export const stale = <Row>(row: Row | null, delivery: Delivery): Merged<Row> =>
  delivery === 'direct' ? rejected(row, 'VERSION_STALE') : { row, outcome: { kind: 'conflicted', code: 'VERSION_STALE' }, lost: [] }
