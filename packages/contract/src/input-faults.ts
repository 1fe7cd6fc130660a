import { ApplicationError, type InputFault } from '@holdfast/domain/application-error'
import { z } from 'zod'
import { faultDetail } from './fault-detail.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const maxFaults = 20
/** Unknown keys are the caller’s text: a long one is cut, so that an answer stays small. */
const maxKeyLength = 100

const nothing: ReadonlySet<string> = new Set()

/** A JSON pointer (RFC 6901) from a path of keys and indexes. */
export const jsonPointer = (path: Path): string =>
  path.map((key) => `/${String(key).slice(0, maxKeyLength).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const unknownKeys = (issues: readonly Issue[]): number =>
  issues.reduce((count, issue) => count + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0)

/**
 * The member of a union that the caller meant: the only one with the fewest unknown keys, since a key that one member has
 * and the others have not says which one it is. None if several tie.
 */
function intendedMember(members: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fewest = Math.min(...members.map(unknownKeys))
  const closest = members.filter((issues) => unknownKeys(issues) === fewest)
  return closest.length === 1 && members.length > 1 ? closest[0] : undefined
}

function* flatten(issue: Issue, above: Path): Generator<{ readonly path: Path; readonly detail: string }> {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) yield { path: [...path, key], detail: 'is not a member here' }
    return
  }
  const member = issue.code === 'invalid_union' ? intendedMember(issue.errors) : undefined
  if (member === undefined) yield { path, detail: faultDetail(issue) }
  else for (const inner of member) yield* flatten(inner, path)
}

/**
 * Says what is wrong with an input, from Zod’s issues: one fault for each place, at most 20, never holding a value that was
 * sent. Top-level members named in `parameters` are called by that name, all else by a JSON pointer.
 */
export function inputFaults(issues: readonly Issue[], parameters: ReadonlySet<string> = nothing): readonly InputFault[] {
  const faults = new Map<string, InputFault>()
  for (const issue of issues)
    for (const { path, detail } of flatten(issue, [])) {
      const pointer = jsonPointer(path)
      const name = String(path[0])
      if (!faults.has(pointer))
        faults.set(pointer, path.length > 0 && parameters.has(name) ? { parameter: name, detail } : { pointer, detail })
      if (faults.size === maxFaults) return [...faults.values()]
    }
  return [...faults.values()]
}

/** `REQUEST_INVALID` with these faults; its detail says the first in words. */
export function invalidInput(faults: readonly InputFault[]): ApplicationError {
  const [first, ...others] = faults
  const place = first?.parameter ?? first?.header ?? first?.pointer
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const detail =
    first === undefined ? {} : { detail: `${place === undefined || place === '' ? 'The input' : place} ${first.detail}${more}.` }
  return new ApplicationError('REQUEST_INVALID', { ...detail, faults: faults.slice(0, maxFaults) })
}

const malformedOptions = [
  ['/options/idempotencyKey', 'IDEMPOTENCY_KEY_MALFORMED'],
  ['/options/ifMatch', 'PRECONDITION_MALFORMED'],
] as const

/**
 * The error for an input that does not fit. A malformed write option has a code of its own, and goes before what else is wrong:
 * on REST it is a header, and read first.
 */
export function inputError(error: z.core.$ZodError, parameters?: ReadonlySet<string>): ApplicationError {
  const faults = inputFaults(error.issues, parameters)
  for (const [place, code] of malformedOptions) {
    const malformed = faults.filter(({ pointer }) => pointer === place)
    if (malformed.length > 0) return new ApplicationError(code, { faults: malformed })
  }
  return invalidInput(faults)
}

/** Whether something thrown is Zod’s report of an input that does not fit. */
export const isInputReport = (error: unknown): error is z.core.$ZodError => error instanceof z.core.$ZodError
