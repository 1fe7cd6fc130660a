import { inputError, isInputReport } from '@holdfast/contract/input-faults'
import type { ErrorShape } from '@holdfast/contract/router'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { ProblemAnswer } from '@holdfast/edge/problem'
import { TRPCError } from '@trpc/server'

const invalidRequest = -32600
const internalError = -32603

/**
 * What was really thrown behind tRPC’s error: what a handler threw is its cause; an input that does not fit becomes the same
 * error as on REST; what tRPC itself refuses gets our code, and its text, which may quote the request, is dropped.
 */
export function thrownBehind(error: unknown, method: string): unknown {
  if (!(error instanceof TRPCError)) return error
  switch (error.code) {
    case 'INTERNAL_SERVER_ERROR':
      return error.cause ?? error
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return isInputReport(error.cause)
        ? inputError(error.cause)
        : new ApplicationError('REQUEST_MALFORMED', {
            detail: 'This is not a request as tRPC makes it: use its client, or see its HTTP format.',
          })
    case 'NOT_FOUND':
      return new ApplicationError('ROUTE_NOT_FOUND', { detail: 'There is no such procedure: see the contract.' })
    case 'METHOD_NOT_SUPPORTED': {
      const allow = [method === 'GET' ? 'POST' : 'GET']
      return new ApplicationError('ROUTE_METHOD_NOT_ALLOWED', { detail: 'Queries are GET, mutations are POST.', allow })
    }
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new ApplicationError('REQUEST_MEDIA_TYPE_UNSUPPORTED', { detail: 'Content-Type must be application/json.' })
    default:
      return error
  }
}

/** A problem in tRPC’s form: the same code and members as on REST. */
export function errorShapeOf({ body, status }: ProblemAnswer): ErrorShape {
  const { code, requestId, detail, errors, retryAfterSeconds, operationId } = body
  return {
    message: body.title,
    code: status < 500 ? invalidRequest : internalError,
    data: {
      code,
      httpStatus: status,
      requestId,
      ...(detail !== undefined && { detail }),
      ...(errors !== undefined && { faults: errors }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(operationId !== undefined && { operationId }),
    },
  }
}

const longest = (one: string, other: string): string => (Number(other) > Number(one) ? other : one)

/**
 * The headers of an answer that holds nothing but problems, one for each call: what all of them say alike, and the longest
 * `Retry-After`. A header that only some of them say would speak for the others.
 */
export function headersOfProblems(problems: readonly ProblemAnswer[]): Readonly<Record<string, string>> {
  const [first, ...others] = problems
  const shared: Record<string, string> = {}
  for (const [name, value] of Object.entries(first?.headers ?? {})) {
    const values = others.map(({ headers }) => headers[name])
    if (values.every((said) => said !== undefined) && name === 'Retry-After') shared[name] = values.reduce(longest, value)
    else if (values.every((said) => said === value) && name !== 'Content-Type') shared[name] = value
  }
  return shared
}
