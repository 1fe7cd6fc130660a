/** What a code promises: its HTTP status, a fixed title, and whether the same request may succeed later unchanged. */
interface ErrorMeaning {
  readonly status: number
  readonly title: string
  readonly retryable?: true
}

/**
 * Every error that the product answers with, on both doors and in the document: the code is the public promise,
 * the status follows from it here and nowhere else. Each has a page docs/errors/<code>.md, made from `error-guides.ts`.
 */
export const errorCodes = {
  REQUEST_MALFORMED: { status: 400, title: 'The request cannot be read' },
  REQUEST_INVALID: { status: 422, title: 'The input does not fit the contract' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time', retryable: true },
  REQUEST_TOO_LARGE: { status: 413, title: 'The request is larger than the limit' },
  REQUEST_URI_TOO_LONG: { status: 414, title: 'The path and query are longer than the limit' },
  REQUEST_HEADERS_TOO_LARGE: { status: 431, title: 'The headers are larger than the limit' },
  REQUEST_MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'The content type is not supported' },
  REQUEST_NOT_ACCEPTABLE: { status: 406, title: 'No representation fits the Accept header' },
  REQUEST_RATE_LIMITED: { status: 429, title: 'Too many requests', retryable: true },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is nothing at this path' },
  ROUTE_METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not take this method' },
  IDEMPOTENCY_KEY_MALFORMED: { status: 400, title: 'The idempotency key is malformed' },
  IDEMPOTENCY_KEY_IN_FLIGHT: { status: 409, title: 'A request with this idempotency key is being worked on', retryable: true },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The idempotency key was used for another request' },
  PRECONDITION_MALFORMED: { status: 400, title: 'The If-Match header is malformed' },
  AUTH_REQUIRED: { status: 401, title: 'An access token is needed' },
  AUTH_TOKEN_INVALID: { status: 401, title: 'The access token is not valid' },
  AUTH_TOKEN_EXPIRED: { status: 401, title: 'The access token has expired' },
  AUTH_SESSION_ENDED: { status: 401, title: 'The session has ended' },
  AUTH_GRANT_REJECTED: { status: 401, title: 'The identity provider’s grant was not accepted' },
  AUTH_REFRESH_TOKEN_INVALID: { status: 401, title: 'The refresh token is not valid' },
  AUTH_REFRESH_TOKEN_REUSED: { status: 401, title: 'The refresh token was used before; the session has been ended' },
  AUTH_PERMISSION_DENIED: { status: 403, title: 'The permission for this is missing' },
  AUTH_PROVIDER_UNAVAILABLE: { status: 503, title: 'The identity provider cannot be reached', retryable: true },
  TASK_NOT_FOUND: { status: 404, title: 'There is no such task' },
  TASK_ID_TAKEN: { status: 409, title: 'The task id is taken' },
  TASK_LABELS_FULL: { status: 422, title: 'The task has too many labels' },
  SESSION_NOT_FOUND: { status: 404, title: 'There is no such session' },
  VERSION_STALE: { status: 412, title: 'The resource has changed since this version' },
  WRITE_EXPIRED: { status: 410, title: 'The accepted write could not be applied in time' },
  WRITE_PREDECESSOR_FAILED: { status: 409, title: 'The accepted write depended on one that could not be applied' },
  OPERATION_NOT_FOUND: { status: 404, title: 'There is no such operation' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store cannot be reached; nothing was accepted', retryable: true },
  STORE_OVERLOADED: { status: 503, title: 'Too many writes are waiting; nothing was accepted', retryable: true },
  OUTCOME_UNKNOWN: { status: 504, title: 'The write was sent and not answered; it may be done', retryable: true },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side' },
} as const satisfies Record<string, ErrorMeaning>

export type ErrorCode = keyof typeof errorCodes

/** The codes as a list, in the order of the table. */
export const errorCodeNames = Object.keys(errorCodes) as readonly ErrorCode[]

/** The HTTP status that a code stands for. */
export const statusOf = (code: ErrorCode): number => errorCodes[code].status

/** Whether the same request may be sent again unchanged. */
export const isRetryable = (code: ErrorCode): boolean => 'retryable' in errorCodes[code]
