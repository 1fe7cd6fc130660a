import { consistencyTokenHeader } from '@holdfast/contract/consistency-tokens'
import type { Answer } from '@holdfast/contract/handler'
import { apiPrefix, type AnyOperation } from '@holdfast/contract/operation'
import type { Context } from 'hono'
import { entityTagOf, matchesNoneMatch } from './entity-tags.ts'

type HeaderLines = Record<string, string>
type Output = Readonly<Record<string, unknown>>

/** Makes the HTTP answer of a handler’s, for one operation. */
export type WriteAnswer = (context: Context, answer: Answer<unknown>) => Response

/** Answers read by other callers or in other media types are not this one; caches that ignore `no-store` are told so. */
export const variesBy = 'Accept, Authorization'

/** Where the operation of a buffered or unknown write can be asked for. */
const operationLocation = (operationId: string): string => `${apiPrefix}/operations/${operationId}`

/** Compiles a path of the table into what fills it from an output. */
function locationWriter(path: string): (output: Output) => string {
  const [start = '', ...rest] = `${apiPrefix}${path}`.split('{')
  const parts = rest.map((part) => part.split('}') as [name: string, text: string])
  return (output) => {
    let location = start
    for (const [name, text] of parts) location += encodeURIComponent(String(output[name])) + text
    return location
  }
}

/** Compiles what a write’s answer says beside its body. */
function writeHeadersWriter({ location }: AnyOperation): (headers: HeaderLines, output: Output, answer: Answer<unknown>) => void {
  const locationOf = location === undefined ? undefined : locationWriter(location)
  return (headers, output, { isReplay, preferencesApplied, consistencyToken }) => {
    headers['Durability'] = String(output['durability'])
    if (output['durability'] === 'buffered') headers['Location'] = operationLocation(String(output['operationId']))
    else if (locationOf !== undefined) headers['Location'] = locationOf(output)
    if (isReplay === true) headers['Idempotency-Replayed'] = 'true'
    if (preferencesApplied !== undefined && preferencesApplied.length > 0) headers['Preference-Applied'] = preferencesApplied.join(', ')
    if (consistencyToken !== undefined) headers[consistencyTokenHeader] = consistencyToken
  }
}

/**
 * Compiles the HTTP answer of an operation: 202 for what was buffered, else the status of the table; 304 where the caller has
 * the very same already. 204 and 304 have no body. Plain lines go into `Response` as they are: Hono’s own helpers would take
 * several apart, and the server’s fast way would not be taken.
 */
export function answerWriter(entry: AnyOperation): WriteAnswer {
  const sayWrite = entry.kind === 'write' ? writeHeadersWriter(entry) : undefined
  const isRead = entry.kind === 'read'
  const mayBeBuffered = entry.accepted !== null
  return (context, answer) => {
    const output = answer.output as Output
    const tag = entityTagOf(output)
    const headers: HeaderLines = { Vary: variesBy }
    if (tag !== undefined) headers['ETag'] = tag
    sayWrite?.(headers, output, answer)
    const status = mayBeBuffered && output['durability'] === 'buffered' ? 202 : entry.status
    if (status === 204) return new Response(null, { status, headers })
    if (isRead && tag !== undefined) {
      const known = context.req.raw.headers.get('if-none-match')
      if (known !== null && matchesNoneMatch(known, tag)) return new Response(null, { status: 304, headers })
    }
    headers['Content-Type'] = 'application/json'
    return new Response(JSON.stringify(output), { status, headers })
  }
}
