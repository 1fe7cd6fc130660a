import type { MiddlewareHandler } from 'hono'

/** Hono hands only errors to `onError`: anything else that is thrown becomes the cause of one. Stands next to the handlers. */
export const foreignThrows: MiddlewareHandler = async (_, next) => {
  try {
    await next()
  } catch (thrown) {
    throw thrown instanceof Error ? thrown : new Error('Something was thrown that is no error', { cause: thrown })
  }
}
