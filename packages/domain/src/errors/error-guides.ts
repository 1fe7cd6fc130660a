import type { ErrorCode } from './error-codes.ts'

/** What a person who meets an error needs: why it happens, and what to do. Markdown, without quoting any request. */
interface ErrorGuide {
  readonly cause: string
  readonly remedy: string
}

/** The text of each code’s page, on docs/errors and at `/errors/<code>`. Limits that may change stand in the problem’s `detail`. */
export const errorGuides = {
  REQUEST_MALFORMED: {
    cause:
      'The request cannot be taken apart: broken JSON, text that is not UTF-8, a malformed percent-encoding, a body that ended early, a body where none is taken, or HTTP that is none.',
    remedy: 'It is a mistake of the program that sent it: `detail` names the place. Sending the same again fails again.',
  },
  REQUEST_INVALID: {
    cause:
      'The request can be read, and what it says does not fit the contract: a member is missing, unknown, of another type or beyond its limits.',
    remedy: 'Correct what `errors` lists; each has a `pointer` into the body, or the name of the `parameter` or `header`.',
  },
  REQUEST_TIMEOUT: {
    cause: 'The head or the body of the request arrived too slowly. Nothing of it was looked at.',
    remedy: 'Send it again, on a new connection. If it happens often, look at the network or the proxy between.',
  },
  REQUEST_TOO_LARGE: {
    cause: 'The body has more bytes than the limit, or a tRPC batch has more calls.',
    remedy: 'Send less at once; `detail` says how much is taken.',
  },
  REQUEST_URI_TOO_LONG: {
    cause: 'The path and query together are longer than the limit.',
    remedy: 'Shorten the filters of a list, or ask in several requests; on tRPC, put fewer calls into a batch.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    cause: 'The head of the request is larger than 16 KiB.',
    remedy: 'Send fewer or shorter headers. Cookies of other services on the same host are a common reason: this one needs none.',
  },
  REQUEST_MEDIA_TYPE_UNSUPPORTED: {
    cause: 'The body has a media type, a charset or a content encoding that is not read here.',
    remedy: 'Send `Content-Type: application/json` (PATCH also takes `application/merge-patch+json`), UTF-8, not compressed.',
  },
  REQUEST_NOT_ACCEPTABLE: {
    cause: 'The `Accept` header leaves no room for `application/json`, or asks tRPC for a streamed answer.',
    remedy: 'Let `Accept` allow `application/json`, or leave it out; on tRPC use `httpBatchLink` or `httpLink`.',
  },
  REQUEST_RATE_LIMITED: {
    cause:
      'Too many requests came from this user, or, before it is known who calls, from this network address; or the address holds too many connections. Nothing was done.',
    remedy:
      'Wait as many seconds as `Retry-After` says, then send the same again. `RateLimit-Policy` tells the limit, and `RateLimit` what is left of it. Operators set the limits by `RATE_LIMIT_USER`, `RATE_LIMIT_ADDRESS` and `RATE_LIMIT_AUTH`, and name their proxies by `TRUSTED_PROXIES`.',
  },
  ROUTE_NOT_FOUND: {
    cause: 'Nothing is served at this path, or there is no such procedure.',
    remedy: 'Compare the path with `/openapi.json`: paths are case-sensitive and have no slash at their end.',
  },
  ROUTE_METHOD_NOT_ALLOWED: {
    cause: 'The path exists and does not take this method.',
    remedy: 'Use one of the methods in the `Allow` header; on tRPC, queries are GET and mutations are POST.',
  },
  IDEMPOTENCY_KEY_MALFORMED: {
    cause: 'The `Idempotency-Key` is not 1 to 200 printable ASCII characters without spaces.',
    remedy: 'Make a new random key for each write, such as a UUID, and send it with every repetition of that write.',
  },
  IDEMPOTENCY_KEY_IN_FLIGHT: {
    cause: 'A write with this key is under way: this one may be its repetition.',
    remedy: 'Send the same again after `Retry-After`: it then gets the answer of the first one.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    cause: 'This key was used for another request. A key names one write, with one input.',
    remedy: 'Make a new key for a new write. A repetition must have the very same input as the first time.',
  },
  PRECONDITION_MALFORMED: {
    cause: 'The `If-Match` header is neither `*` nor one strong entity tag.',
    remedy: 'Send the `ETag` of an earlier answer as it is, with its quotes.',
  },
  AUTH_REQUIRED: {
    cause: 'The operation needs to know who calls, and the request has no access token.',
    remedy: 'Log in (`POST /api/v1/auth/login`) and send `Authorization: Bearer <access token>`.',
  },
  AUTH_TOKEN_INVALID: {
    cause: 'What was sent as an access token is none of this service, or was cut or changed on its way.',
    remedy: 'Send the access token as it was given, once. If it still fails, log in again.',
  },
  AUTH_TOKEN_EXPIRED: {
    cause: 'Access tokens live ten minutes, and this one is older.',
    remedy: 'Get a new one with the refresh token (`POST /api/v1/auth/refresh`), then send the request again.',
  },
  AUTH_SESSION_ENDED: {
    cause: 'The session was ended: by logging out, by its owner from elsewhere, by an operator, or because a refresh token was used twice.',
    remedy: 'Log in again.',
  },
  AUTH_GRANT_REJECTED: {
    cause: 'The code or id token of the identity provider is wrong, too old, used, or meant for another service; or the user is disabled.',
    remedy: 'Begin the login at the identity provider anew. If it fails again, `detail` tells the operator what did not fit.',
  },
  AUTH_REFRESH_TOKEN_INVALID: {
    cause: 'The refresh token is none of this service, has expired, or its session has ended.',
    remedy: 'Log in again.',
  },
  AUTH_REFRESH_TOKEN_REUSED: {
    cause:
      'A refresh token was presented after its successor had been in use. Somebody else may have a copy of it, so that the session was ended.',
    remedy: 'Log in again. Keep the newest refresh token only, and let one part of a program refresh at a time.',
  },
  AUTH_PERMISSION_DENIED: {
    cause: 'It is known who calls, and none of this user’s roles has the permission that the operation needs.',
    remedy: 'Ask an operator for a role that has it. Sending the same again fails again.',
  },
  AUTH_PROVIDER_UNAVAILABLE: {
    cause: 'The identity provider did not answer, so that nobody can log in. Those who are logged in stay so.',
    remedy: 'Send the same again after `Retry-After`. Operators: see `OIDC_ISSUER`, and `/health`.',
  },
  TASK_NOT_FOUND: {
    cause: 'This user has no task of this id. It never says whether somebody else has.',
    remedy: 'Compare the id with a list of the tasks. A deleted task can be restored (`POST /api/v1/tasks/{id}/restore`).',
  },
  TASK_ID_TAKEN: {
    cause: 'A task of this id exists or existed, and ids are never used twice.',
    remedy: 'Make a new random UUID, or leave the id out. To repeat a write safely, send an `Idempotency-Key` instead.',
  },
  TASK_LABELS_FULL: {
    cause: 'With the labels of this change the task would have more than 50.',
    remedy: 'Remove some first, or set all of them at once with `labels`.',
  },
  SESSION_NOT_FOUND: {
    cause: 'This user has no session of this id; it may have ended already.',
    remedy: 'Compare the id with `GET /api/v1/sessions`.',
  },
  VERSION_STALE: {
    cause: 'The resource is no longer at the version that `If-Match` names: somebody else changed it. Nothing was written.',
    remedy: 'Read it again, apply the change to what is there now, and send that with the new `ETag`.',
  },
  WRITE_EXPIRED: {
    cause:
      'This write was accepted while the store was away, and then could not be applied for longer than accepted writes are kept (24 h, by default, of time in which it could have been). It is kept as a dead letter.',
    remedy: 'Send the change again with a new idempotency key, if it is still wanted. Operators: see the dead letters in `/health`.',
  },
  WRITE_PREDECESSOR_FAILED: {
    cause:
      'This write was accepted while the store was away, on top of another accepted write that could not be applied. It is kept as a dead letter.',
    remedy: 'Read the resource as it is now, and send the change again with a new idempotency key.',
  },
  OPERATION_NOT_FOUND: {
    cause: 'This user has no operation of this id: it was never accepted, or is too old to be remembered.',
    remedy: 'Take the id from the `Location` of a 202 or 504, or from the operations’ list.',
  },
  STORE_UNAVAILABLE: {
    cause: 'The store did not answer in time, or the service is starting. Nothing was accepted and nothing was written.',
    remedy: 'Send the same again after `Retry-After`. Operators: see `/health`.',
  },
  STORE_OVERLOADED: {
    cause: 'As many writes are waiting as may. Nothing was accepted and nothing was written.',
    remedy: 'Send the same again after `Retry-After`, more slowly.',
  },
  OUTCOME_UNKNOWN: {
    cause: 'The write was sent to the store, which did not answer in time: it may be done, or not.',
    remedy:
      'Ask `Location` what became of it, or send the same again with the same `Idempotency-Key`: it has its effect once. Without a key, ask first.',
  },
  INTERNAL_ERROR: {
    cause: 'A bug of this service. What it was stands in its log, under the request id.',
    remedy: 'Give the operator the `requestId`. Sending the same again may or may not help.',
  },
} as const satisfies Record<ErrorCode, ErrorGuide>
