import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import type { Meter } from '@holdfast/usecases/ports/meter'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { EdgeEnv } from './edge-context.ts'

export interface AccessLogParts {
  readonly log: Log
  readonly meter?: Meter
  readonly clock: Pick<Clock, 'monotonic'>
}

/** Asked for every second by those who watch: said at `debug` while they are well. */
const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz', '/health', '/metrics', '/status'])
const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** One line and one measurement for each request: what was asked for and what became of it; never a path with ids, a query, a body or a token. */
export const accessLog =
  ({ log, meter, clock }: AccessLogParts): MiddlewareHandler<EdgeEnv> =>
  async (c, next) => {
    const startedAt = clock.monotonic()
    await next()
    const durationMs = clock.monotonic() - startedAt
    const method = knownMethods.has(c.req.method) ? c.req.method : 'other'
    const operation = operationOf(c)
    const { status } = c.res
    const say = probes.has(operation) && status < 400 ? log.debug : log.info
    say('request', {
      method,
      operation,
      status,
      durationMs: Math.round(durationMs * 100) / 100,
      requestId: c.get('requestId'),
      traceId: c.get('trace')?.traceId,
      user: c.get('actor')?.userId,
      durability: c.res.headers.get('Durability') ?? undefined,
    })
    const labels = { 'http.request.method': method, 'http.route': operation, 'http.response.status_code': String(status) }
    meter?.observe('http.server.request.duration', durationMs / 1000, labels)
  }

/** The name that the door gave, else the template of the route; `unmatched` where only a catch-all fits. */
function operationOf(c: Context<EdgeEnv>): string {
  const named = c.get('operation')
  if (named !== undefined) return named
  const template = matchedRoutes(c).at(-1)?.path
  return template === undefined || template.includes('*') ? 'unmatched' : template
}
