import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context } from 'hono'

/** Characters of path and query together; RFC 9110 §4.1 asks for 8,000 at least. */
const maxTargetLength = 8_192

/** Refuses a longer path and query. Throws `ApplicationError`: `REQUEST_URI_TOO_LONG`. */
export function refuseLongTarget(context: Context): void {
  const { url } = context.req
  // The origin is short: what is within the limit with it needs no further look.
  if (url.length <= maxTargetLength || url.length - url.indexOf('/', url.indexOf('://') + 3) <= maxTargetLength) return
  throw new ApplicationError('REQUEST_URI_TOO_LONG', { detail: `Path and query have at most ${maxTargetLength} characters.` })
}
