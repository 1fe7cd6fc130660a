import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context } from 'hono'
import { mediaTypeOf } from './media-type.ts'

/** Reads and parses a JSON body within the limits; `undefined` if the body is empty. Throws `ApplicationError`. */
export type ReadBody = (context: Context) => Promise<unknown>

const json = 'application/json'
const mergePatch = 'application/merge-patch+json'

/** The media types that an operation’s body may have. */
export const bodyMediaTypes = (method: string): readonly string[] => (method === 'PATCH' ? [mergePatch, json] : [json])

function announcesContent(headers: Headers): boolean {
  const length = headers.get('content-length')
  return (length !== null && Number(length) > 0) || headers.get('transfer-encoding') !== null
}

/**
 * Refuses content where none is taken. HTTP gives it no meaning for GET and DELETE, so that silence would let a caller
 * believe that it counted.
 */
export function refuseContent(context: Context): void {
  if (announcesContent(context.req.raw.headers))
    throw new ApplicationError('REQUEST_MALFORMED', { detail: `${context.req.method} takes no body here: leave it out.` })
}

const unsupported = (allowed: readonly string[]): ApplicationError => {
  const detail = `must be ${allowed.join(' or ')}`
  return new ApplicationError('REQUEST_MEDIA_TYPE_UNSUPPORTED', {
    detail: `Content-Type ${detail}.`,
    faults: [{ header: 'Content-Type', detail }],
  })
}

/**
 * Reads the members of the request’s body, and resolves with what is made of them. An empty body needs no content type, and is an
 * empty object: what is required is then missed by name. Throws, or rejects with, `ApplicationError`.
 */
export function readMembers<Made>(
  context: Context,
  allowed: readonly string[],
  readBody: ReadBody,
  make: (members: Readonly<Record<string, unknown>>) => Made,
): Promise<Made> {
  const { headers } = context.req.raw
  const contentType = headers.get('content-type')
  const isSupported = contentType !== null && allowed.includes(mediaTypeOf(contentType))
  if (!isSupported && contentType !== null && announcesContent(headers)) throw unsupported(allowed)
  return readBody(context).then((body) => {
    if (body === undefined) return make({})
    if (!isSupported) throw unsupported(allowed)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return make(body as Readonly<Record<string, unknown>>)
    const faults = [{ pointer: '', detail: 'must be an object' }]
    throw new ApplicationError('REQUEST_INVALID', { detail: 'The body must be a JSON object.', faults })
  })
}
