import { idempotencyKey, type WriteOptions } from '@holdfast/contract/write-options'
import { ApplicationError } from '@holdfast/domain/application-error'
import { versionOfIfMatch } from './entity-tags.ts'
import { readPreferences, type Preferences } from './prefer.ts'

/** Structured-field string (RFC 8941 §3.3.3), the form of the draft: `"…"` with `\"` and `\\`. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/

/** The key in its bare or its quoted form: both name the same key. Throws `IDEMPOTENCY_KEY_MALFORMED`. */
function readIdempotencyKey(header: string): string {
  const inner = header.startsWith('"') ? quoted.exec(header)?.[1] : undefined
  const key = inner === undefined ? header : inner.replaceAll(/\\(["\\])/g, '$1')
  if ((inner !== undefined || !header.startsWith('"')) && idempotencyKey.safeParse(key).success) return key
  const detail = 'must be 1 to 200 printable ASCII characters without spaces, bare or in double quotes'
  throw new ApplicationError('IDEMPOTENCY_KEY_MALFORMED', {
    detail: `Idempotency-Key ${detail}.`,
    faults: [{ header: 'Idempotency-Key', detail }],
  })
}

const none: WriteOptions = Object.freeze({})

/** The write options of a request, from its headers. Reads and exchanges have none: they leave these headers unread. */
export function readWriteHeaders(headers: Headers): WriteOptions {
  const key = headers.get('idempotency-key')
  const match = headers.get('if-match')
  const prefer = headers.get('prefer')
  if (key === null && match === null && prefer === null) return none
  const options: { idempotencyKey?: string; ifMatch?: string } & Preferences = prefer === null ? {} : readPreferences(prefer)
  if (key !== null) options.idempotencyKey = readIdempotencyKey(key.trim())
  const version = match === null ? undefined : versionOfIfMatch(match.trim())
  if (version !== undefined) options.ifMatch = version
  return options
}
