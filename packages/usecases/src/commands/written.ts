import { ApplicationError } from '@holdfast/domain/application-error'
import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import { isRetryable, type ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { Receipt } from '../ports/write-port.ts'

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
  STORE_OVERLOADED: 'Nothing was written. Repeat the request later.',
}

/**
 * Turns a receipt into what was written, or throws its error: what was refused with its code, what is unknown as
 * `OUTCOME_UNKNOWN` with the operation to ask for.
 */
export function written<Kind extends EntityKind>(receipt: Receipt<Kind>): Written<Kind> {
  const { operationId } = receipt
  if (receipt.state === 'refused') {
    const detail = details[receipt.code]
    throw new ApplicationError(receipt.code, { ...(detail && { detail }), ...(isRetryable(receipt.code) && { retryAfterSeconds: 1 }) })
  }
  if (receipt.state === 'unknown') {
    const detail = 'Ask for the operation, or repeat the request with the same idempotency key: it is applied once.'
    throw new ApplicationError('OUTCOME_UNKNOWN', { detail, operationId, retryAfterSeconds: 1 })
  }
  const { isReplay, consistencyToken } = receipt
  if (receipt.state === 'committed') return { durability: 'committed', operationId, isReplay, consistencyToken, row: receipt.row }
  return { durability: 'buffered', operationId, isReplay, consistencyToken, row: receipt.row }
}
