import type { ApplicationErrorDetails } from '@holdfast/domain/application-error'
import { errorCodes, isRetryable, type ErrorCode } from '@holdfast/domain/error-codes'
import type { JsonObject } from './json.ts'

const requestId = '018f711b-2a40-7d15-8c7f-3b9d5e0a6c21'

/** What some codes bring beside what every problem has. */
const details: Partial<Record<ErrorCode, Omit<ApplicationErrorDetails, 'allow' | 'cause'>>> = {
  REQUEST_MALFORMED: { detail: 'The body is no JSON: position 12 (line 1, column 13).' },
  REQUEST_INVALID: {
    detail: '/title must have at least 1 character.',
    faults: [{ pointer: '/title', detail: 'must have at least 1 character' }],
  },
  REQUEST_TOO_LARGE: { detail: 'The body is larger than 262144 bytes.' },
  REQUEST_RATE_LIMITED: { detail: 'Wait for 12 seconds.', retryAfterSeconds: 12 },
  IDEMPOTENCY_KEY_MALFORMED: {
    detail: 'Idempotency-Key must be 1 to 200 printable ASCII characters without spaces, bare or in double quotes.',
    faults: [{ header: 'Idempotency-Key', detail: 'must be 1 to 200 printable ASCII characters without spaces, bare or in double quotes' }],
  },
  PRECONDITION_MALFORMED: {
    detail: 'If-Match must be * or one strong entity tag, as the ETag of an answer has it.',
    faults: [{ header: 'If-Match', detail: 'must be * or one strong entity tag, as the ETag of an answer has it' }],
  },
  OUTCOME_UNKNOWN: { detail: 'Send it again under the same Idempotency-Key.', operationId: '018f711b-2a40-7d15-8c7f-3b9d5e0a6c21' },
}

/** The problem (RFC 9457) that a code is answered with, as far as the code alone decides it. */
export function problemExample(code: ErrorCode): JsonObject {
  const { detail, faults, operationId, retryAfterSeconds = isRetryable(code) ? 1 : undefined } = details[code] ?? {}
  return {
    type: `/errors/${code}`,
    title: errorCodes[code].title,
    status: errorCodes[code].status,
    code,
    ...(detail !== undefined && { detail }),
    instance: `urn:holdfast:request:${requestId}`,
    requestId,
    ...(faults !== undefined && { errors: faults.map((fault) => ({ ...fault })) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(operationId !== undefined && { operationId }),
  }
}
