import type { MiddlewareHandler } from 'hono'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** What clients may send beside what browsers always let through. */
const requestHeaders = [
  'Authorization',
  'Content-Type',
  'Consistency-Token',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'traceparent',
  'trpc-accept',
  'X-Request-Id',
].join(', ')
/** What scripts may read beside what browsers always show. */
const responseHeaders = [
  'Consistency-Token',
  'Deprecation',
  'Durability',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Service-Status',
  'Sunset',
  'traceparent',
  'WWW-Authenticate',
  'X-Request-Id',
].join(', ')
/** As long as Chromium keeps it at most. */
const preflightSeconds = 7_200

/**
 * Lets the pages of these origins, named to the letter, call from a browser; others get no CORS headers, and browsers keep the answer
 * from them. Credentials of the browser’s (cookies, client certificates) are never allowed: callers send a bearer token themselves.
 * An `OPTIONS` that is no preflight is passed on.
 */
export function cors(allowedOrigins: readonly string[]): MiddlewareHandler {
  const allowed = new Set(allowedOrigins)
  return async (c, next) => {
    if (allowed.size === 0) return next()
    const origin = c.req.header('origin')
    const isAllowed = origin !== undefined && allowed.has(origin)
    if (isAllowed && c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
      return c.body(null, 204, {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': methods,
        'Access-Control-Allow-Headers': requestHeaders,
        'Access-Control-Max-Age': String(preflightSeconds),
        Vary: 'Origin',
      })
    }
    await next()
    // Also where it is refused: a cache must not give one origin the answer to another.
    c.res.headers.append('Vary', 'Origin')
    if (!isAllowed) return
    c.res.headers.set('Access-Control-Allow-Origin', origin)
    c.res.headers.set('Access-Control-Expose-Headers', responseHeaders)
  }
}
