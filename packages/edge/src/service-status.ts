import type { MiddlewareHandler } from 'hono'

/** Tells every caller by `Service-Status: degraded` while the service is. */
export const serviceStatus =
  (isDegraded: () => boolean): MiddlewareHandler =>
  async (c, next) => {
    await next()
    if (isDegraded()) c.res.headers.set('Service-Status', 'degraded')
  }
