import { takesBody, type AnyOperation } from '@holdfast/contract/operation'
import type { Members } from '@holdfast/testkit/operation-inputs'
import { jsonText } from '@holdfast/testkit/raw-json'
import type { WireRequest } from '@holdfast/testkit/wire-spoils'

/** An operation under its name, `tasks.create`. */
export interface Named {
  readonly name: string
  readonly entry: AnyOperation
}

const textsOf = (value: unknown): readonly string[] => (value === undefined ? [] : [value].flat().map(String))
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const json: readonly [string, string] = ['Content-Type', 'application/json']
const bearer = (accessToken: string | null): readonly (readonly [string, string])[] =>
  accessToken === null ? [] : [['Authorization', `Bearer ${accessToken}`]]
const hostOf = (origin: string): readonly [string, string] => ['Host', new URL(origin).host]

/** A REST request for an operation: members go into the path, the query or the body as the table says, options into headers. */
export function restRequest(origin: string, { entry }: Named, input: Members, options: Members, accessToken: string | null): WireRequest {
  const rest: Record<string, unknown> = { ...input }
  const path = entry.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encoded(String(value))
  })
  const hasBody = takesBody(entry)
  const pairs = hasBody
    ? []
    : Object.entries(rest).flatMap(([name, value]) => textsOf(value).map((text) => `${encoded(name)}=${encoded(text)}`))
  const { idempotencyKey, ifMatch, durability, waitSeconds } = options as Readonly<Record<string, string | number | undefined>>
  const preferences = [
    ...(durability === undefined ? [] : [`durability=${durability}`]),
    ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`]),
  ]
  return {
    method: entry.method,
    target: `/api/v1${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`,
    headers: [
      hostOf(origin),
      ...bearer(accessToken),
      ...(hasBody ? [json] : []),
      ...(idempotencyKey === undefined ? [] : [['Idempotency-Key', String(idempotencyKey)] as const]),
      ...(ifMatch === undefined ? [] : [['If-Match', `"${ifMatch}-c"`] as const]),
      ...(preferences.length === 0 ? [] : [['Prefer', preferences.join(', ')] as const]),
    ],
    body: hasBody ? Buffer.from(jsonText(rest)) : new Uint8Array(),
    framing: 'length',
  }
}

/** The same call as a tRPC client makes it. */
export function trpcRequest(
  origin: string,
  { name, entry }: Named,
  input: Members,
  options: Members,
  accessToken: string | null,
): WireRequest {
  const isWrite = entry.kind === 'write' && Object.keys(options).length > 0
  const text = jsonText(isWrite ? { ...input, options } : input)
  const isRead = entry.kind === 'read'
  return {
    method: isRead ? 'GET' : 'POST',
    target: `/trpc/${name}${isRead ? `?input=${encoded(text)}` : ''}`,
    headers: [hostOf(origin), ...bearer(accessToken), ...(isRead ? [] : [json])],
    body: isRead ? new Uint8Array() : Buffer.from(text),
    framing: 'length',
  }
}
