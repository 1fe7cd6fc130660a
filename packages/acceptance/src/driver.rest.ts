import type { WriteOptionsInput } from '@holdfast/contract/write-options'
import { assertConforms, assertListed } from './conformance.ts'
import type { Driver, InputOf, OperationName, OutputOf, Refusal, Result } from './driver.ts'
import { send, type RestAnswer, type RestRequest } from './rest-request.ts'

/** Where each operation is served, as the plan and the documentation say it; on purpose not read from the contract. */
const routes: Readonly<Record<OperationName, readonly [method: string, path: string, status: number]>> = {
  'auth.login': ['POST', '/api/v1/auth/login', 200],
  'auth.refresh': ['POST', '/api/v1/auth/refresh', 200],
  'auth.logout': ['POST', '/api/v1/auth/logout', 204],
  'auth.logoutEverywhere': ['POST', '/api/v1/auth/logout-everywhere', 200],
  'profile.get': ['GET', '/api/v1/profile', 200],
  'profile.replace': ['PUT', '/api/v1/profile', 200],
  'tasks.list': ['GET', '/api/v1/tasks', 200],
  'tasks.create': ['POST', '/api/v1/tasks', 201],
  'tasks.get': ['GET', '/api/v1/tasks/{id}', 200],
  'tasks.replace': ['PUT', '/api/v1/tasks/{id}', 200],
  'tasks.patch': ['PATCH', '/api/v1/tasks/{id}', 200],
  'tasks.delete': ['DELETE', '/api/v1/tasks/{id}', 204],
  'tasks.restore': ['POST', '/api/v1/tasks/{id}/restore', 200],
  'sessions.list': ['GET', '/api/v1/sessions', 200],
  'sessions.end': ['DELETE', '/api/v1/sessions/{id}', 204],
  'operations.list': ['GET', '/api/v1/operations', 200],
  'operations.get': ['GET', '/api/v1/operations/{id}', 200],
}

type Members = Readonly<Record<string, unknown>>

/** The REST door, by fetch. */
export const restDriver = (origin: string, accessToken: string | null = null): Driver => ({
  door: 'rest',
  call: <Name extends OperationName>(name: Name, input: InputOf<Name>, options: WriteOptionsInput = {}) =>
    perform(origin, accessToken, name, input, options) as Promise<Result<OutputOf<Name>>>,
  misuse: (name, input, options = {}) => perform(origin, accessToken, name, input, options as WriteOptionsInput),
  as: (token) => restDriver(origin, token),
})

async function perform(
  origin: string,
  token: string | null,
  name: OperationName,
  input: unknown,
  options: WriteOptionsInput,
): Promise<Result<unknown>> {
  const answer = await send(origin, requestOf(name, input, { ...authorization(token), ...writeHeaders(options) }))
  const [, , status] = routes[name]
  if (answer.status >= 400) {
    const error = refusalOf(answer)
    assertListed(name, error)
    return { error }
  }
  if (answer.status !== status && answer.status !== 202) throw new Error(`${name} answered ${answer.status}, not ${status}: ${answer.text}`)
  if (answer.status === 204) return { output: outputOfNothing(name, input, answer) }
  assertConforms(name, answer.json)
  return { output: answer.json }
}

export const authorization = (token: string | null): Record<string, string> => (token === null ? {} : { Authorization: `Bearer ${token}` })

/** Path parameters go into the path, the rest into the query of a GET or DELETE, else into the body. */
function requestOf(name: OperationName, input: unknown, headers: Record<string, string>): RestRequest {
  const [method, template] = routes[name]
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { method, path: template, headers, body: JSON.stringify(input) }
  const rest: Record<string, unknown> = { ...input }
  const path = template.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => {
    const value = rest[parameter]
    delete rest[parameter]
    return encodeURIComponent(String(value))
  })
  if (method === 'GET' || method === 'DELETE') return { method, path: path + queryOf(rest), headers }
  return { method, path, headers, body: rest }
}

function queryOf(members: Members): string {
  const pairs = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: unknown): [string, string] => [name, String(one)]))
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}

function writeHeaders({ idempotencyKey, ifMatch, durability, waitSeconds }: WriteOptionsInput): Record<string, string> {
  const preferences = [
    ...(durability === undefined ? [] : [`durability=${durability}`]),
    ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`]),
  ]
  return {
    ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}-c"` }),
    ...(preferences.length > 0 && { Prefer: preferences.join(', ') }),
  }
}

interface ProblemBody {
  readonly code?: string
  readonly status?: number
  readonly detail?: string
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly header?: string; readonly detail: string }[]
}

const memberOfHeader: Readonly<Record<string, string>> = { 'Idempotency-Key': 'idempotencyKey', 'If-Match': 'ifMatch' }

/** A problem (RFC 9457) in the form of both doors. Throws if the answer is none, or its status contradicts it. */
export function refusalOf(answer: RestAnswer): Refusal {
  const { code, status, detail = '', errors = [] } = (answer.json ?? {}) as ProblemBody
  const isProblem = answer.headers.get('content-type') === 'application/problem+json' && code !== undefined && status === answer.status
  if (!isProblem) throw new Error(`answered ${answer.status} without a problem: ${answer.text.slice(0, 500)}`)
  const placeOf = ({ pointer, parameter, header = '' }: (typeof errors)[number]): string => {
    if (pointer !== undefined) return pointer
    return parameter === undefined ? `/options/${memberOfHeader[header] ?? header}` : `/${parameter}`
  }
  return { code, status, detail, places: errors.map(placeOf), reasons: errors.map((fault) => fault.detail) }
}

/** What a 204 says by its headers, in the form that tRPC answers. */
function outputOfNothing(name: OperationName, input: unknown, { headers, text }: RestAnswer): unknown {
  if (text !== '') throw new Error(`${name} answered 204 with a body.`)
  if (name === 'auth.logout') return { ended: true }
  return { id: (input as { id: string }).id, durability: headers.get('durability') }
}
