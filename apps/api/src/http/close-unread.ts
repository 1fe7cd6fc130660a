import type { IncomingMessage } from 'node:http'
import type { MiddlewareHandler } from 'hono'

/** What is read and thrown away of a body that nobody wanted. Milliseconds, bytes. */
const limits = { waitMs: 500, bytes: 8 * 1024 * 1024 } as const

/**
 * An answer that is given before the request’s body has all arrived: the rest is read and thrown away first, for a client that still
 * sends would see a broken connection in place of the answer. What does not come to its end within the limits closes the
 * connection after the answer, since the server would else cut the next request on it, which may be a write.
 */
export const closeUnread: MiddlewareHandler = async (c, next) => {
  await next()
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage }
  if (incoming?.complete !== false) return
  if (!(await isReadToTheEnd(incoming))) c.res.headers.set('Connection', 'close')
}

function isReadToTheEnd(incoming: IncomingMessage): Promise<boolean> {
  if (incoming.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    let bytes = 0
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limits.bytes) settle()
    }
    const settle = (): void => {
      clearTimeout(timer)
      incoming.off('data', onData).off('end', settle).off('close', settle)
      resolve(incoming.complete)
    }
    const timer = setTimeout(settle, limits.waitMs)
    incoming.on('data', onData).on('end', settle).on('close', settle)
    incoming.resume()
  })
}
