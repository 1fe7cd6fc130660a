import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context } from 'hono'
import { maxBodyBytes, readBytes } from './body-limit.ts'
import { checkJson, jsonLimits, type JsonLimits } from './check-json.ts'
import { readMediaType } from './media-type.ts'
import { decodeUtf8 } from './utf8.ts'

export interface BodyLimits extends JsonLimits {
  readonly maxBytes: number
}

const bodyLimits: BodyLimits = Object.freeze({ ...jsonLimits, maxBytes: maxBodyBytes })

const mediaTypes: readonly string[] = ['application/json', 'application/merge-patch+json']

/** The body as parsed JSON; `undefined` if it is empty. Rejects as `readJsonText` does. */
export async function readJson(context: Context, limits: BodyLimits = bodyLimits): Promise<unknown> {
  const text = await readJsonText(context, limits)
  return text === '' ? undefined : JSON.parse(text)
}

/**
 * The body as a JSON text that is sound and within the limits; empty if the body is. Rejects with `ApplicationError`:
 * `REQUEST_TOO_LARGE`, `REQUEST_MEDIA_TYPE_UNSUPPORTED`, `REQUEST_MALFORMED` (names the position), `REQUEST_INVALID` (names the place).
 */
export async function readJsonText(context: Context, limits: BodyLimits = bodyLimits): Promise<string> {
  refuseEncoded(context.req.header('content-encoding'))
  const bytes = await readBytes(context, limits.maxBytes)
  if (bytes.byteLength === 0) return ''
  refuseForeign(context.req.header('content-type'))
  const text = decodeUtf8(bytes)
  checkJson(text, limits)
  return text
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return
  throw unsupported('Content-Encoding', 'must be identity, or left out')
}

function refuseForeign(header: string | undefined): void {
  const type = header === undefined ? undefined : readMediaType(header)
  if (type === undefined || !mediaTypes.includes(type.name)) throw unsupported('Content-Type', 'must be application/json')
  const charset = type.parameters.get('charset')
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw unsupported('Content-Type', 'must have the charset utf-8, or none')
}

const unsupported = (header: string, detail: string): ApplicationError =>
  new ApplicationError('REQUEST_MEDIA_TYPE_UNSUPPORTED', { detail: `${header} ${detail}.`, faults: [{ header, detail }] })
