import { apiPrefix, takesBody } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import { send, type RestAnswer, type RestRequest } from '../rest-request.ts'
import type { TableEntry } from './table-entries.ts'

export const doors = ['REST', 'tRPC'] as const
export type DoorName = (typeof doors)[number]

/** One call of an operation, as the table says that it is sent. */
export interface DoorCall {
  readonly operation: TableEntry
  readonly input: Readonly<Record<string, unknown>>
  /** The whole `Authorization` header; none if left out. */
  readonly authorization?: string | undefined
  readonly ifMatch?: string | undefined
}

export interface DoorAnswer {
  /** The code of an error; `null` for success. */
  readonly code: string | null
  readonly status: number
  /** All that the caller is told, in one text, without what is new in every answer; its request id and the id that was asked for are blanked. */
  readonly told: string
  readonly text: string
}

interface Problem {
  readonly code?: string
}
interface TrpcAnswer {
  readonly error?: { readonly data?: Problem }
}

/** Sends a call through a door, and reads the whole answer. */
export async function callDoor(origin: string, door: DoorName, call: DoorCall): Promise<DoorAnswer> {
  const answer = await send(origin, door === 'REST' ? restRequest(call) : trpcRequest(call))
  const error = door === 'REST' ? (answer.json as Problem | undefined) : (answer.json as TrpcAnswer).error?.data
  const code = answer.status < 400 ? null : (error?.code ?? 'without a code')
  return { code, status: answer.status, told: toldBy(answer, call), text: answer.text }
}

function restRequest({ operation: { entry }, input, authorization, ifMatch }: DoorCall): RestRequest {
  const names = pathNames(entry.path)
  const path = apiPrefix + entry.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
  const headers = { ...(authorization !== undefined && { authorization }), ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}-c"` }) }
  if (takesBody(entry)) return { method: entry.method, path, headers, body: rest }
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]))
  return { method: entry.method, path: query.size === 0 ? path : `${path}?${query}`, headers }
}

function trpcRequest({ operation: { name, entry }, input, authorization, ifMatch }: DoorCall): RestRequest {
  const headers = { ...(authorization !== undefined && { authorization }) }
  const body = { ...input, ...(ifMatch !== undefined && { options: { ifMatch } }) }
  if (entry.kind !== 'read') return { method: 'POST', path: `/trpc/${name}`, headers, body }
  return { method: 'GET', path: `/trpc/${name}?input=${encodeURIComponent(JSON.stringify(body))}`, headers }
}

/** They differ from answer to answer, whatever is asked. */
const passingHeaders = new Set(['date', 'x-request-id', 'traceparent', 'ratelimit'])

function toldBy({ status, headers, text }: RestAnswer, { input }: DoorCall): string {
  const lines = [...headers].filter(([name]) => !passingHeaders.has(name)).map(([name, value]) => `${name}: ${value}`)
  const blanked = [headers.get('x-request-id'), input['id']].filter((part) => typeof part === 'string' && part !== '') as string[]
  return blanked.reduce((told, part) => told.replaceAll(part, '…'), [status, ...lines, text].join('\n'))
}
