import { errorCodes, type ErrorCode } from './error-codes.ts'

/** One thing wrong with the input: where (a JSON pointer into it, or a parameter’s or header’s name) and what. */
export interface InputFault {
  readonly pointer?: string
  readonly parameter?: string
  readonly header?: string
  readonly detail: string
}

export interface ApplicationErrorDetails {
  /** What to do about it, for the caller: never holds what users wrote, SQL, or another user’s facts. */
  readonly detail?: string
  readonly faults?: readonly InputFault[]
  readonly retryAfterSeconds?: number
  /** The accepted-or-unknown operation, where its outcome can be asked for. */
  readonly operationId?: string
  /** With `ROUTE_METHOD_NOT_ALLOWED`: the methods that the path takes. */
  readonly allow?: readonly string[]
  readonly cause?: unknown
}

/** An answer that is not a success: a code of the table and what the caller needs beside it. Everything else thrown is a bug. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly faults: readonly InputFault[]
  readonly retryAfterSeconds: number | undefined
  readonly operationId: string | undefined
  readonly allow: readonly string[]

  constructor(code: ErrorCode, details: ApplicationErrorDetails = {}) {
    super(details.detail ?? errorCodes[code].title, { cause: details.cause })
    this.code = code
    this.detail = details.detail
    this.faults = details.faults ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
    this.operationId = details.operationId
    this.allow = details.allow ?? []
  }
}
