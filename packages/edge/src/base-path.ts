import type { MiddlewareHandler } from 'hono'

/** The path of the address under which clients reach the service, without a slash at its end: `/holdfast`, or nothing. */
export const basePathOf = (publicUrl: string | null): string => (publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, ''))

/**
 * A request’s path and query as the service knows them, whether the proxy dropped the base path or not. The base path alone,
 * without a slash after it, stays: the app redirects it.
 */
export const withoutBasePath = (url: string, basePath: string): string =>
  basePath !== '' && url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : url

/** Puts the base path before every `Location` that is a path of ours. */
export const locationsUnder =
  (basePath: string): MiddlewareHandler =>
  async (context, next) => {
    await next()
    const location = context.res.headers.get('Location')
    if (location?.startsWith('/') === true) context.res.headers.set('Location', basePath + location)
  }
