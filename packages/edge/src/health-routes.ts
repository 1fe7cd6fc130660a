import { Hono, type Context } from 'hono'
import type { EdgeEnv } from './edge-context.ts'
import type { Health } from './health.ts'

/**
 * The routes of those who watch: `/livez` (the process answers), `/startupz` (its start is complete), `/readyz` (a write can be
 * durably accepted), each 200 or 503, and `/health` in health+json, 503 when it fails. `mayRead`: whether the asker is shown
 * the checks; others learn the status alone.
 */
export function probeRoutes(health: Health, mayRead: (context: Context<EdgeEnv>) => boolean): Hono<EdgeEnv> {
  const probe = (isWell: () => boolean) => (c: Context<EdgeEnv>) => {
    const holds = isWell()
    return answer(c, { status: holds ? 'pass' : 'fail' }, holds)
  }
  return new Hono<EdgeEnv>()
    .get(
      '/livez',
      probe(() => true),
    )
    .get('/startupz', probe(health.hasStarted))
    .get('/readyz', probe(health.isReady))
    .get('/health', (c) => {
      const report = health.report()
      return answer(c, mayRead(c) ? report : { status: report.status }, report.status !== 'fail')
    })
}

/** `GET /status`, for everybody: `ok`, or `degraded` and since when. */
export function statusRoute(health: Health): Hono {
  return new Hono().get('/status', (c) => c.json(health.serviceStatus()))
}

const answer = (c: Context, body: object, isWell: boolean): Response =>
  c.body(JSON.stringify(body), isWell ? 200 : 503, { 'Content-Type': 'application/health+json' })
