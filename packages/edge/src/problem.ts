import { ApplicationError, type InputFault } from '@holdfast/domain/application-error'
import { errorCodes, isRetryable, type ErrorCode } from '@holdfast/domain/error-codes'
import type { Log } from '@holdfast/usecases/ports/log'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { challengeOf } from './challenge.ts'

/** Problem details (RFC 9457) with the members of this product. */
export interface Problem {
  /** The page of the code. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** The promise; texts may change. */
  readonly code: ErrorCode
  /** What to do about it. */
  readonly detail?: string
  readonly instance: string
  readonly requestId: string
  readonly errors?: readonly InputFault[]
  readonly retryAfterSeconds?: number
  readonly operationId?: string
}

/** A problem as both doors answer it. */
export interface ProblemAnswer {
  readonly status: number
  readonly body: Problem
  /** `Content-Type`, and what the code asks for: `Retry-After`, `WWW-Authenticate`, `Allow`, `Location`. */
  readonly headers: Readonly<Record<string, string>>
}

export interface ProblemOptions {
  /** Without a slash at its end: before the path of `type`, which is else relative. */
  readonly publicUrl?: string | null
  /** Whether the request was a write: what the store did not answer is then unknown. */
  readonly isWrite?: boolean
}

const maxFaults = 20
const standardRetrySeconds = 1

/**
 * What is answered to anything thrown. An `ApplicationError` becomes its code; a `StoreError` becomes what it means to the
 * caller; all else is a bug: logged with its cause, answered with a fixed text and the request id. No foreign message gets out.
 */
export function problemOf(thrown: unknown, requestId: string, log: Log, options: ProblemOptions = {}): ProblemAnswer {
  const error = applicationErrorOf(thrown, requestId, log, options.isWrite === true)
  const { status, title } = errorCodes[error.code]
  const retryAfterSeconds = error.retryAfterSeconds ?? (isRetryable(error.code) ? standardRetrySeconds : undefined)
  const body: Problem = {
    type: `${options.publicUrl ?? ''}/errors/${error.code}`,
    title,
    status,
    code: error.code,
    ...(error.detail !== undefined && { detail: error.detail }),
    instance: `urn:holdfast:request:${requestId}`,
    requestId,
    ...(error.faults.length > 0 && { errors: error.faults.slice(0, maxFaults) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(error.operationId !== undefined && { operationId: error.operationId }),
  }
  return { status, body, headers: headersOf(error, status, retryAfterSeconds) }
}

function headersOf(error: ApplicationError, status: number, retryAfterSeconds: number | undefined): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(Math.ceil(retryAfterSeconds)) }),
    ...(status === 401 && { 'WWW-Authenticate': challengeOf(error.code) }),
    ...(status === 405 && { Allow: error.allow.join(', ') }),
    ...(error.operationId !== undefined && { Location: `/api/v1/operations/${error.operationId}` }),
  }
}

function applicationErrorOf(thrown: unknown, requestId: string, log: Log, isWrite: boolean): ApplicationError {
  if (thrown instanceof ApplicationError) {
    // The caller’s mistakes are no news; what an outage or a bug caused is.
    if (errorCodes[thrown.code].status >= 500 && thrown.cause !== undefined)
      log.error('A request failed', thrown, { requestId, code: thrown.code })
    return thrown
  }
  if (thrown instanceof StoreError) {
    const code = codeOfStoreFailure(thrown, isWrite)
    log.error('The store failed a request', thrown, { requestId, code, failure: thrown.failure })
    return new ApplicationError(code, code === 'INTERNAL_ERROR' ? { detail: giveId(requestId) } : {})
  }
  log.error('A request met a bug', thrown, { requestId, code: 'INTERNAL_ERROR' })
  return new ApplicationError('INTERNAL_ERROR', { detail: giveId(requestId) })
}

const giveId = (requestId: string): string => `Give the operator the request id ${requestId}.`

function codeOfStoreFailure({ failure }: StoreError, isWrite: boolean): ErrorCode {
  switch (failure) {
    case 'unavailable':
    case 'contended':
      return 'STORE_UNAVAILABLE'
    case 'unknown':
      return isWrite ? 'OUTCOME_UNKNOWN' : 'STORE_UNAVAILABLE'
    case 'invalid':
    case 'misconfigured':
      return 'INTERNAL_ERROR'
  }
}
