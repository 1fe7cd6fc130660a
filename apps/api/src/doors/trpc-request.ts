import { ApplicationError } from '@holdfast/domain/application-error'
import { readJsonText } from '@holdfast/edge/read-json'
import type { Context } from 'hono'

/** Calls in one request. */
export const maxBatchSize = 10

/** On tRPC these travel in the input, since the calls of a batch share their headers: here they would be silently lost. */
const restHeaders = ['Idempotency-Key', 'If-Match', 'Prefer']

function refuseRestHeaders(context: Context): void {
  const faults = restHeaders
    .filter((header) => context.req.header(header) !== undefined)
    .map((header) => ({ header, detail: 'is for REST: send it in the input, as a member of "options"' }))
  if (faults.length > 0)
    throw new ApplicationError('REQUEST_INVALID', { detail: 'On /trpc the write options travel in the input.', faults })
}

function refuseLargeBatch(context: Context): void {
  if (context.req.query('batch') !== '1') return
  const { length } = context.req.path.split(/,|%2c/i)
  if (length > maxBatchSize) throw new ApplicationError('REQUEST_TOO_LARGE', { detail: `A batch holds at most ${maxBatchSize} calls.` })
}

/** A streamed answer begins before it is known whether all goes well: its status would lie. */
function refuseStreaming(context: Context): void {
  const accept = context.req.header('trpc-accept') ?? context.req.header('accept')
  if (accept === 'application/jsonl' || accept === 'text/event-stream')
    throw new ApplicationError('REQUEST_NOT_ACCEPTABLE', { detail: 'Answers are not streamed: use httpBatchLink or httpLink.' })
}

/** The request as tRPC gets it: checked, and its body read within the limits. Rejects with `ApplicationError`. */
export async function checkedRequest(context: Context): Promise<Request> {
  const { method, raw } = context.req
  if (method !== 'GET' && method !== 'POST')
    throw new ApplicationError('ROUTE_METHOD_NOT_ALLOWED', { detail: 'Queries are GET, mutations are POST.', allow: ['GET', 'POST'] })
  refuseRestHeaders(context)
  refuseLargeBatch(context)
  refuseStreaming(context)
  if (method === 'GET') return raw
  // What was read is JSON or nothing: no other reader of tRPC’s is let near it.
  const headers = new Headers(raw.headers)
  headers.set('content-type', 'application/json')
  return new Request(raw.url, { method, headers, body: await readJsonText(context), signal: raw.signal })
}
