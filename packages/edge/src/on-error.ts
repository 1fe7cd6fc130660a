import { ApplicationError } from '@holdfast/domain/application-error'
import type { Log } from '@holdfast/usecases/ports/log'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { EdgeEnv } from './edge-context.ts'
import { problemOf } from './problem.ts'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Hono’s `onError`: whatever was thrown becomes a problem. */
export const onError =
  (log: Log, publicUrl: string | null = null): ErrorHandler<EdgeEnv> =>
  (thrown, c) =>
    answer(c, thrown, log, publicUrl)

/** Hono’s `notFound`: a problem too. */
export const notFound =
  (log: Log, publicUrl: string | null = null): NotFoundHandler<EdgeEnv> =>
  (c) =>
    answer(c, new ApplicationError('ROUTE_NOT_FOUND'), log, publicUrl)

function answer(c: Context<EdgeEnv>, thrown: unknown, log: Log, publicUrl: string | null): Response {
  const isWrite = !safeMethods.has(c.req.method)
  const { status, body, headers } = problemOf(thrown, c.get('requestId') ?? 'none', log, { publicUrl, isWrite })
  return c.body(JSON.stringify(body), status as Extract<StatusCode, 400>, { ...headers })
}
