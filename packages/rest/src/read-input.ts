import { inputError, invalidInput } from '@holdfast/contract/input-faults'
import { takesBody, type AnyOperation } from '@holdfast/contract/operation'
import type { InputFault } from '@holdfast/domain/application-error'
import type { Context } from 'hono'
import { coercionOf } from './coercion.ts'
import type { PathTemplate } from './path-template.ts'
import { noQuery, readQuery, type Query } from './query-string.ts'
import { bodyMediaTypes, readMembers, refuseContent, type ReadBody } from './request-body.ts'
import { readPathParameter, type Segments } from './request-path.ts'

/** Reads and judges the input of one request; waits only for a body. Throws `ApplicationError`. */
export type ReadInput = (context: Context, segments: Segments) => unknown

type Members = Record<string, unknown>

const inPathFault = (name: string): InputFault => ({ pointer: `/${name}`, detail: 'is given by the path: leave it out of the body' })
const noQueryFault = (name: string): InputFault => ({ parameter: name.slice(0, 100), detail: 'is not a parameter here' })

/** A body operation takes no query at all, and no member of its body is in its path. */
function refuseMisplaced(url: string, body: Members, template: PathTemplate): void {
  const faults = [
    ...Object.keys(readQuery(url)).map(noQueryFault),
    ...template.parameters.filter(({ name }) => Object.hasOwn(body, name)).map(({ name }) => inPathFault(name)),
  ]
  if (faults.length > 0) throw invalidInput(faults)
}

/**
 * Compiles how one operation’s input is gathered: path and query texts are coerced, a body never is. All of it goes through
 * the operation’s strict schema, which refuses what it does not know.
 */
export function inputReader(entry: AnyOperation, template: PathTemplate, readBody: ReadBody): ReadInput {
  const hasBody = takesBody(entry)
  const allowed = bodyMediaTypes(entry.method)
  const inPath = new Set(template.parameters.map(({ name }) => name))
  const texts = Object.entries(entry.input.shape).filter(([name]) => !hasBody || inPath.has(name))
  const coercions = new Map(texts.map(([name, schema]) => [name, coercionOf(schema)]))
  const coerced = (name: string, values: readonly string[]): unknown => coercions.get(name)?.(values) ?? values

  /** `parametersOf` is asked only when something is wrong. */
  const parse = (members: Members, parametersOf: (members: Members) => ReadonlySet<string>): unknown => {
    const result = entry.input.safeParse(members)
    if (result.success) return result.data
    throw inputError(result.error, parametersOf(members))
  }
  const readPath = (segments: Segments, members: Members): void => {
    for (const parameter of template.parameters) members[parameter.name] = coerced(parameter.name, [readPathParameter(parameter, segments)])
  }
  const readQueryInto = (members: Members, query: Query): void => {
    const misplaced = template.parameters.filter(({ name }) => name in query)
    if (misplaced.length > 0) throw invalidInput(misplaced.map(({ name }) => noQueryFault(name)))
    for (const name in query) members[name] = coerced(name, query[name] ?? [])
  }

  if (hasBody)
    return (context, segments) => {
      const fromPath: Members = {}
      readPath(segments, fromPath)
      // One promise for all of it: each `async` function around the body would make another.
      return readMembers(context, allowed, readBody, (body) => {
        const { url } = context.req
        if (inPath.size > 0 || url.includes('?')) refuseMisplaced(url, body, template)
        return parse(inPath.size === 0 ? body : { ...body, ...fromPath }, () => inPath)
      })
    }

  return (context, segments) => {
    refuseContent(context)
    const query = readQuery(context.req.url)
    // Names that a caller chose need an object without a prototype; ours are faster in a plain one.
    const members: Members = query === noQuery ? {} : Object.create(null)
    if (query !== noQuery) readQueryInto(members, query)
    readPath(segments, members)
    return parse(members, () => new Set([...coercions.keys(), ...Object.keys(members)]))
  }
}
