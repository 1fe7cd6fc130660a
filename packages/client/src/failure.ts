import { errorCodes } from './operation-table.ts'
import type { Fault } from './shapes.ts'

/** What can go wrong on this side of the network, or after the answer. */
const ownCodes = {
  /** No answer arrived: refused, cut, or not in time. A write may have been done, or not. */
  NETWORK: null,
  /** The signal of the call was aborted. A write may have been done, or not. */
  ABORTED: null,
  /** Something answered that is not the service, such as a proxy: the status is its. */
  ANSWER_UNREADABLE: null,
  /** `committed()` stopped waiting; the write is still pending, and will be applied. */
  OPERATION_PENDING: null,
  /** A buffered write met a newer change: it was set aside. */
  OPERATION_CONFLICTED: null,
  /** A buffered write was refused when its turn came; `reason` says why. */
  OPERATION_REJECTED: null,
  /** A buffered write could not be applied in its time, and will not be; a new one may be made. */
  OPERATION_EXPIRED: null,
} as const

type AnsweredCode = keyof typeof errorCodes
export type ErrorCode = AnsweredCode | keyof typeof ownCodes

/** The HTTP status that comes with a code. */
type StatusOf<Code extends ErrorCode> = Code extends AnsweredCode
  ? (typeof errorCodes)[Code]['status']
  : Code extends 'ANSWER_UNREADABLE'
    ? number
    : null

/** Codes that are about one write, and name it. */
type AboutOperation = Extract<ErrorCode, `OPERATION_${string}`>

export interface FailureDetails {
  readonly detail?: string | undefined
  /** Of `ANSWER_UNREADABLE`; every other code has its own. */
  readonly status?: number | undefined
  readonly faults?: readonly Fault[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly operationId?: string | undefined
  readonly reason?: string | undefined
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

class Failure<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly status: StatusOf<Code>
  /** What to do about it, in words that may change. */
  readonly detail: string
  readonly faults: readonly Fault[]
  readonly retryAfterSeconds: number | undefined
  /** The write whose outcome can be asked for, with `operations.get`. */
  readonly operationId: Code extends Exclude<AboutOperation, 'OPERATION_NOT_FOUND'> ? string : string | undefined
  /** With `OPERATION_CONFLICTED`, `OPERATION_REJECTED` and `OPERATION_EXPIRED`: the code of what was wrong. */
  readonly reason: string | undefined
  /** For the operator. */
  readonly requestId: string | undefined

  constructor(code: Code, details: FailureDetails = {}) {
    const detail = details.detail ?? ''
    super(detail === '' ? code : `${code}: ${detail}`, { cause: details.cause })
    this.name = 'HoldfastError'
    this.code = code
    this.status = (isAnswered(code) ? errorCodes[code].status : (details.status ?? null)) as StatusOf<Code>
    this.detail = detail
    this.faults = details.faults ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
    this.operationId = details.operationId as typeof this.operationId
    this.reason = details.reason
    this.requestId = details.requestId
  }
}

/** Whether the service answers with this code, by the contract that this client was made of. */
export const isAnswered = (code: string): code is AnsweredCode => Object.hasOwn(errorCodes, code)

/** Every way in which a call fails: a union by `code`, so that a `switch` narrows the rest and can be exhaustive. */
export type HoldfastError = { [Code in ErrorCode]: Failure<Code> }[ErrorCode]

/** What calls reject with. `error instanceof HoldfastError` narrows to the union. */
export const HoldfastError: {
  readonly prototype: HoldfastError
  new <Code extends ErrorCode>(code: Code, details?: FailureDetails): Failure<Code>
} = Failure as never
