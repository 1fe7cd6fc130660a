import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context, MiddlewareHandler } from 'hono'

/** The largest body that is read. */
export const maxBodyBytes = 256 * 1024

const tooLarge = (maxBytes: number): ApplicationError =>
  new ApplicationError('REQUEST_TOO_LARGE', { detail: `A body is at most ${maxBytes} bytes.` })

/** The announced length; `undefined` if none is, or the body comes in chunks, whose length only counting tells. */
function announcedLength(context: Context): number | undefined {
  const length = context.req.header('content-length')
  if (length === undefined || context.req.header('transfer-encoding') !== undefined) return undefined
  return /^\d+$/.test(length) ? Number(length) : undefined
}

/**
 * Refuses a larger body before anything after it can read one: an announced one at once, unread; one in chunks while it is
 * counted. All bytes of the latter are then at hand for those after it.
 */
export const bodyLimit =
  (maxBytes: number = maxBodyBytes): MiddlewareHandler =>
  async (c, next) => {
    const length = announcedLength(c)
    if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes)
    if (length === undefined && mayHaveBody(c) && c.req.raw.body !== null) {
      const body = await countedBytes(c, maxBytes)
      c.req.raw = new Request(c.req.raw, { method: c.req.method, body })
    }
    return next()
  }

/** Over HTTP/1.1 (there is a Node request behind it) a body without a length is one in chunks. */
function mayHaveBody(context: Context): boolean {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return false
  const isNode = (context.env as { incoming?: unknown } | undefined)?.incoming !== undefined
  return !isNode || context.req.header('transfer-encoding') !== undefined
}

/** All bytes of the body, never more than `maxBytes` of them, whatever was announced. Rejects with `ApplicationError`. */
export async function readBytes(context: Context, maxBytes: number = maxBodyBytes): Promise<Uint8Array<ArrayBuffer>> {
  const length = announcedLength(context)
  if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes)
  if (length === undefined) return mayHaveBody(context) ? countedBytes(context, maxBytes) : new Uint8Array()
  // The server’s parser holds a body to its announced length, so that this reads no more; it is the server’s fast way.
  const bytes = new Uint8Array(await context.req.arrayBuffer().catch(endedEarly))
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

async function countedBytes(context: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = context.req.raw.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read().catch(endedEarly)
    if (done) return joined(chunks, size)
    size += value.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(value)
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

function endedEarly(): never {
  throw new ApplicationError('REQUEST_MALFORMED', { detail: 'The body ended before its announced end: send it whole.' })
}
