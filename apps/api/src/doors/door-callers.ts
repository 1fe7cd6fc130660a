import { apiPrefix, takesBody, type AnyOperation } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import type { Hono } from 'hono'
import type { EdgeEnv } from '@holdfast/edge/edge-context'

/** An operation of the table under its name, `tasks.create`. */
export interface Named {
  readonly name: string
  readonly entry: AnyOperation
}
type Members = Readonly<Record<string, unknown>>
type Headers = Readonly<Record<string, string>>

/** What came back through a door, in a form in which both can be compared. */
export interface Outcome {
  readonly status: number
  readonly headers: Headers
  /** What the operation answered; `undefined` for an error, and for REST’s answers without a body. */
  readonly output?: unknown
  readonly error?: { readonly code: string; readonly detail?: unknown; readonly faults: readonly string[]; readonly rest: Members }
  readonly text: string
}

const credentials = { authorization: 'Bearer good' }
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [value]).map(String)

/** A place and what is wrong there. REST names a parameter where tRPC, which has none, points into the input. */
function faultText(fault: Members, parameters: ReadonlySet<string>): string {
  const pointer = (fault['pointer'] as string | undefined) ?? ''
  const member = (fault['parameter'] as string | undefined) ?? pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? ''
  return parameters.has(member) || fault['parameter'] !== undefined ? `${member}: ${fault['detail']}` : `${pointer}: ${fault['detail']}`
}

/** Names that a REST call puts in its path or query. */
const parametersOf = ({ entry }: Named, input: Members): ReadonlySet<string> =>
  new Set(takesBody(entry) ? pathNames(entry.path) : [...Object.keys(entry.input.shape), ...Object.keys(input)])

/** Calls an operation as a REST client does: the path and the query or body follow from the table. */
export async function callRest(app: Hono<EdgeEnv>, named: Named, input: Members, headers: Headers = credentials): Promise<Outcome> {
  const { entry } = named
  const inPath = new Set(pathNames(entry.path))
  const others = Object.entries(input).filter(([name]) => !inPath.has(name))
  const path = apiPrefix + entry.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const query = takesBody(entry)
    ? ''
    : new URLSearchParams(others.flatMap(([name, value]) => textsOf(value).map((text): [string, string] => [name, text]))).toString()
  const body = takesBody(entry) ? JSON.stringify(Object.fromEntries(others)) : undefined
  const response = await app.request(query === '' ? path : `${path}?${query}`, {
    method: entry.method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const result = { status: response.status, headers: Object.fromEntries(response.headers), text }
  if (response.ok) return { ...result, output: text === '' ? undefined : JSON.parse(text) }
  const { code, detail, errors = [], retryAfterSeconds, operationId } = JSON.parse(text)
  const faults = errors.map((fault: Members) => faultText(fault, parametersOf(named, input)))
  return { ...result, error: { code, detail, faults, rest: { retryAfterSeconds, operationId } } }
}

/** Calls an operation as a tRPC client does, with the write options in the input. */
export async function callTrpc(app: Hono<EdgeEnv>, named: Named, input: Members, headers: Headers = credentials): Promise<Outcome> {
  const text = JSON.stringify(input)
  const isRead = named.entry.kind === 'read'
  const response = await app.request(`/trpc/${named.name}${isRead ? `?input=${encodeURIComponent(text)}` : ''}`, {
    method: isRead ? 'GET' : 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    ...(isRead ? {} : { body: text }),
  })
  const answer = await response.text()
  const result = { status: response.status, headers: Object.fromEntries(response.headers), text: answer }
  const parsed = JSON.parse(answer)
  if (parsed.error === undefined) return { ...result, output: parsed.result.data }
  const { code, httpStatus, detail, faults = [], retryAfterSeconds, operationId } = parsed.error.data
  if (httpStatus !== response.status) throw new Error(`error.data says ${httpStatus}, the status line ${response.status}.`)
  const texts = faults.map((fault: Members) => faultText(fault, parametersOf(named, input)))
  return { ...result, error: { code, detail, faults: texts, rest: { retryAfterSeconds, operationId } } }
}
