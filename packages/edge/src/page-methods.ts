import { ApplicationError } from '@holdfast/domain/application-error'
import type { Hono } from 'hono'
import type { EdgeEnv } from './edge-context.ts'

const allow = ['GET', 'HEAD', 'OPTIONS']

/** Answers OPTIONS, and refuses all other methods with 405, wherever a path takes GET and nothing was said of the others. Comes last. */
export function answerOtherMethods(app: Hono<EdgeEnv>): void {
  // A handler takes the context alone, middleware `next` as well.
  const answered = new Set(app.routes.filter(({ method, handler }) => method === 'ALL' && handler.length < 2).map(({ path }) => path))
  const pages = new Set(app.routes.filter(({ method, path }) => method === 'GET' && !answered.has(path)).map(({ path }) => path))
  for (const path of pages) {
    app.on('OPTIONS', path, (c) => c.body(null, 204, { Allow: allow.join(', ') }))
    app.all(path, (c) => {
      throw new ApplicationError('ROUTE_METHOD_NOT_ALLOWED', {
        detail: `${c.req.method} is not taken here; ${allow.join(', ')} are.`,
        allow,
      })
    })
  }
}
