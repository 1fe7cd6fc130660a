import { ApplicationError } from '@holdfast/domain/application-error'
import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import { isRetryable, type ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { Receipt, WriteOptions } from '../ports/write-port.ts'

/** A write that was acknowledged, and how. */
export type Written<Kind extends EntityKind> =
  | (Acknowledged & { readonly durability: 'committed'; readonly row: RowOf<Kind> })
  | (Acknowledged & { readonly durability: 'buffered'; readonly row: RowOf<Kind> | null })

interface Acknowledged {
  readonly operationId: OperationId
  readonly isReplay: boolean
  /** For the caller to bring to a later read, which then sees this write at any instance. */
  readonly consistencyToken: string
}

const details: Partial<Record<ErrorCode, string>> = {
  VERSION_STALE: 'Read the resource again, and repeat the change on what is there now.',
  TASK_ID_TAKEN: 'Leave the id out, or make another one.',
  TASK_LABELS_FULL: 'Remove labels first, or set all of them with `labels`.',
  IDEMPOTENCY_KEY_REUSED: 'Use a new key for a new request.',
  IDEMPOTENCY_KEY_IN_FLIGHT: 'Wait for the first request’s answer, then repeat.',
  STORE_UNAVAILABLE: 'Nothing was written. Repeat the request later.',
  STORE_OVERLOADED: 'As many writes wait as may, of everybody or of this user. Nothing was written. Repeat the request later.',
  WRITE_EXPIRED:
    'It was accepted, and could not be applied in time. Send the change again with a new idempotency key, if it is still wanted.',
  WRITE_PREDECESSOR_FAILED:
    'It was accepted on top of a write that could not be applied. Read the resource, and send the change again with a new idempotency key.',
}

/** What is told instead to who would not have it buffered: without that wish it might have been accepted. */
const unbuffered: Partial<Record<ErrorCode, string>> = {
  STORE_UNAVAILABLE:
    'Nothing was written: the database does not answer in time, and the request asked not to be buffered (durability=committed). Repeat it later, or without that preference.',
}

/**
 * Turns a receipt into what was written, or throws its error: what was refused with its code, what is unknown as
 * `OUTCOME_UNKNOWN` with the operation to ask for. `options`: those that it was submitted with.
 */
export function written<Kind extends EntityKind>(receipt: Receipt<Kind>, options: WriteOptions = {}): Written<Kind> {
  const { operationId } = receipt
  if (receipt.state === 'refused') {
    const { code } = receipt
    const detail = (options.durability === 'committed' ? unbuffered[code] : undefined) ?? details[code]
    throw new ApplicationError(code, { ...(detail && { detail }), ...(isRetryable(code) && { retryAfterSeconds: 1 }) })
  }
  if (receipt.state === 'unknown') {
    const detail = 'Ask for the operation, or repeat the request with the same idempotency key: it is applied once.'
    throw new ApplicationError('OUTCOME_UNKNOWN', { detail, operationId, retryAfterSeconds: 1 })
  }
  const { isReplay, consistencyToken } = receipt
  if (receipt.state === 'committed') return { durability: 'committed', operationId, isReplay, consistencyToken, row: receipt.row }
  return { durability: 'buffered', operationId, isReplay, consistencyToken, row: receipt.row }
}
