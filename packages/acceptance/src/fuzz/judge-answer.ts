import { errorsOf, type AnyOperation } from '@holdfast/contract/operation'
import { errorCodeNames } from '@holdfast/domain/error-codes'
import { assertDocumented } from '@holdfast/testkit/assert-documented'
import type { Members } from '@holdfast/testkit/operation-inputs'
import type { WireRequest } from '@holdfast/testkit/wire-spoils'
import type { Named } from './door-requests.ts'
import type { RawAnswer } from '../raw-exchange.ts'

/** An answer in the form of both doors. */
export interface Judged {
  readonly status: number
  /** Of a success; undefined where there is no body. */
  readonly output?: Members | undefined
  readonly code?: string
  /** Where in the input, as `/name`. */
  readonly places?: readonly string[]
}

/** `whole`: as it was meant; `spoiled`: still for this operation; `elsewhere`: its method or path is another one. */
export type Spoiled = 'whole' | 'spoiled' | 'elsewhere'

/** What the connection or the routes may answer before it is known which operation is meant. */
const beforeOperations = [
  'ROUTE_NOT_FOUND',
  'ROUTE_METHOD_NOT_ALLOWED',
  'REQUEST_MALFORMED',
  'REQUEST_HEADERS_TOO_LARGE',
  'REQUEST_URI_TOO_LONG',
  'REQUEST_TOO_LARGE',
  'REQUEST_INVALID',
  'REQUEST_NOT_ACCEPTABLE',
  'REQUEST_MEDIA_TYPE_UNSUPPORTED',
]
const codesFor = (entry: AnyOperation, spoiled: Spoiled): readonly string[] => {
  if (spoiled === 'elsewhere') return errorCodeNames
  return spoiled === 'whole' ? errorsOf(entry) : [...errorsOf(entry), ...beforeOperations]
}
/** Texts of ours or of libraries that no answer may hold. */
const leaks = /node:internal|\.ts:\d|\bat \w+ \(|node_modules|postgres(?:ql)?:\/\/|syntax error|violates|ECONN|ZodError|TypeError/

interface ErrorBody {
  readonly code?: string
  readonly status?: number
  readonly httpStatus?: number
  readonly detail?: string
  readonly errors?: readonly Fault[]
  readonly faults?: readonly Fault[]
}
interface Fault {
  readonly pointer?: string
  readonly parameter?: string
  readonly header?: string
}

const placeOf = ({ pointer, parameter, header }: Fault): string =>
  pointer ?? (parameter === undefined ? `header ${header}` : `/${parameter.replaceAll('~', '~0').replaceAll('/', '~1')}`)

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new Error(`the answer is no JSON: ${text.slice(0, 200)}`)
  }
}

function judgedError(answer: RawAnswer, error: ErrorBody, codes: readonly string[]): Judged {
  const { code, detail, errors, faults = errors ?? [] } = error
  const said = error.status ?? error.httpStatus
  if (code === undefined) throw new Error(`${answer.status} without a code: ${answer.text.slice(0, 200)}`)
  if (said !== answer.status) throw new Error(`${answer.status} says of itself that it is ${said}`)
  if (!codes.includes(code)) throw new Error(`${code} is not among the codes of the operation`)
  if (code === 'REQUEST_INVALID' && faults.length === 0) throw new Error('REQUEST_INVALID names no fault')
  if (/^(?:REQUEST_MALFORMED|.*_MALFORMED)$/.test(code) && detail === undefined && faults.length === 0)
    throw new Error(`${code} says nothing of what is wrong`)
  return { status: answer.status, code, places: faults.map(placeOf) }
}

/** Refuses what no request whatsoever may be answered. 503 is honest where its code says so. */
function refuseBroken(answer: RawAnswer): void {
  if (leaks.test(answer.text)) throw new Error(`the answer tells too much: ${answer.text.slice(0, 400)}`)
  if (answer.status >= 500 && !(answer.status === 503 && answer.headers.has('retry-after')))
    throw new Error(`${answer.status}: ${answer.text.slice(0, 400)}`)
}

/** Judges an answer of the REST door. `isSpoiled`: it may not have been taken for this operation. Throws what is wrong. */
export function judgeRest(answer: RawAnswer, { method, target }: WireRequest, { entry }: Named, spoiled: Spoiled): Judged {
  refuseBroken(answer)
  // An encoded path means the same as the plain one, which the document’s templates do not know.
  if (spoiled === 'whole') assertDocumented({ method, path: target, ...answer })
  if (answer.status < 400)
    return {
      status: answer.status,
      output:
        spoiled !== 'whole' && answer.headers.get('content-type') !== 'application/json'
          ? undefined
          : (parsed(answer.text) as Members | undefined),
    }
  if (method === 'HEAD') return { status: answer.status }
  const isProblem = answer.headers.get('content-type') === 'application/problem+json'
  // Beside the API, tRPC answers in its own form.
  const body = parsed(answer.text) as ErrorBody & { readonly error?: { readonly data?: ErrorBody } }
  if (!isProblem && body?.error?.data === undefined) throw new Error(`${answer.status} is no problem: ${answer.text.slice(0, 200)}`)
  return judgedError(answer, isProblem ? body : (body.error?.data ?? {}), codesFor(entry, spoiled))
}

interface TrpcBody {
  readonly result?: { readonly data?: Members }
  readonly error?: { readonly data?: ErrorBody }
}

/** Judges an answer of the tRPC door: of a batch, each call’s. Throws what is wrong. */
export function judgeTrpc(answer: RawAnswer, request: WireRequest, named: Named, spoiled: Spoiled): Judged {
  refuseBroken(answer)
  if (request.method === 'HEAD') return { status: answer.status }
  if (answer.headers.get('content-type') !== 'application/json') {
    if (spoiled === 'whole') throw new Error(`${answer.status} of type ${answer.headers.get('content-type')}`)
    return judgeRest(answer, request, named, 'elsewhere')
  }
  const body = parsed(answer.text) as TrpcBody | readonly TrpcBody[] | undefined
  const codes = codesFor(named.entry, spoiled)
  if (Array.isArray(body)) {
    for (const { error } of body as readonly TrpcBody[])
      if (error !== undefined)
        judgedError({ ...answer, status: error.data?.httpStatus ?? 0 }, error.data ?? {}, [
          ...codes,
          'TASK_NOT_FOUND',
          'OPERATION_NOT_FOUND',
        ])
    return { status: answer.status }
  }
  const { result, error } = (body ?? {}) as TrpcBody
  if (error !== undefined) return judgedError(answer, error.data ?? {}, codes)
  if (answer.status >= 400) throw new Error(`${answer.status} without an error`)
  return { status: answer.status, output: result?.data }
}
