import { beforeEach, expect, test } from 'vitest'
import { createHealth, worst, type Health, type HealthCheck } from './health.ts'
import { probeRoutes, statusRoute } from './health-routes.ts'
import { fixedClock } from './testing/fixed-clock.ts'

let store: HealthCheck
let canAccept: boolean
let mayRead: boolean
let clock: ReturnType<typeof fixedClock>
let health: Health
beforeEach(() => {
  store = { status: 'pass', observedValue: 3, observedUnit: 'ms' }
  canAccept = true
  mayRead = true
  clock = fixedClock()
  const checks = { 'postgres:responseTime': () => store, 'migrations:state': (): HealthCheck => ({ status: 'pass' }) }
  health = createHealth({ clock, version: '1.2.3', checks, isAccepting: () => canAccept, isDegraded: () => store.status !== 'pass' })
})
const ask = async (path: string) => {
  const app = probeRoutes(health, () => mayRead).route('/', statusRoute(health))
  const response = await app.request(path)
  return { status: response.status, type: response.headers.get('Content-Type'), body: (await response.json()) as Record<string, unknown> }
}
const probes = async () => Promise.all(['/livez', '/startupz', '/readyz', '/health'].map(async (path) => (await ask(path)).status))

test('through life: starting, ready, degraded, not accepting, stopping', async () => {
  expect(await probes()).toEqual([200, 503, 503, 200])
  health.enter('ready')
  expect(await probes()).toEqual([200, 200, 200, 200])
  store = { status: 'warn', output: 'slow' }
  expect(await probes()).toEqual([200, 200, 200, 200])
  store = { status: 'fail', output: 'down' }
  expect(await probes()).toEqual([200, 200, 200, 503])
  canAccept = false
  expect(await probes()).toEqual([200, 200, 503, 503])
  health.enter('stopping')
  expect(await probes()).toEqual([200, 200, 503, 503])
  health.enter('ready')
  expect(health.lifecycle).toBe('stopping')
})

test('ready and unable to accept fails, even if every check passes', async () => {
  health.enter('ready')
  canAccept = false
  expect(await ask('/health')).toMatchObject({ status: 503, body: { status: 'fail' } })
})

test('health+json, with the checks for those who may read them', async () => {
  health.enter('ready')
  store = { status: 'warn', observedValue: 900, observedUnit: 'ms', output: 'slow', affectedEndpoints: ['/api/v1/tasks'] }
  expect(await ask('/health')).toEqual({
    status: 200,
    type: 'application/health+json',
    body: {
      status: 'warn',
      version: '1.2.3',
      checks: {
        'postgres:responseTime': [{ ...store, time: '2026-01-02T00:00:00.000Z' }],
        'migrations:state': [{ status: 'pass', time: '2026-01-02T00:00:00.000Z' }],
      },
    },
  })
  mayRead = false
  expect((await ask('/health')).body).toEqual({ status: 'warn' })
})

test('a check that throws fails, and says nothing of why', async () => {
  health = createHealth({
    clock,
    version: '1',
    checks: {
      'x:y': () => {
        throw new Error('s3cret')
      },
    },
    isAccepting: () => {
      throw new Error('s3cret')
    },
    isDegraded: () => false,
  })
  health.enter('ready')
  const { status, body } = await ask('/health')
  expect(status).toBe(503)
  expect(JSON.stringify(body)).not.toContain('s3cret')
  expect((await ask('/readyz')).status).toBe(503)
})

test('the public status: degraded since it was first seen so, ok once all is well', async () => {
  health.enter('ready')
  expect((await ask('/status')).body).toEqual({ status: 'ok' })
  store = { status: 'fail' }
  clock.advance(1000)
  expect((await ask('/status')).body).toEqual({ status: 'degraded', since: '2026-01-02T00:00:01.000Z' })
  clock.advance(60_000)
  expect((await ask('/status')).body).toEqual({ status: 'degraded', since: '2026-01-02T00:00:01.000Z' })
  store = { status: 'pass' }
  expect((await ask('/status')).body).toEqual({ status: 'ok' })
  store = { status: 'warn' }
  expect((await ask('/status')).body).toEqual({ status: 'degraded', since: '2026-01-02T00:01:01.000Z' })
})

test('callers may be told less than operators: what is not theirs degrades nothing, and what throws does', () => {
  let told: () => boolean = () => false
  const checks = { 'x:y': (): HealthCheck => ({ status: 'warn' }) }
  health = createHealth({ clock, version: '1', checks, isAccepting: () => true, isDegraded: () => told() })
  health.enter('ready')
  expect([health.report().status, health.isDegraded()]).toEqual(['warn', false])
  told = () => true
  expect(health.serviceStatus()).toMatchObject({ status: 'degraded' })
  told = () => {
    throw new Error('s3cret')
  }
  expect(health.isDegraded()).toBe(true)
})

test('the worst of several', () => {
  expect([worst([]), worst(['pass', 'warn']), worst(['warn', 'fail', 'pass'])]).toEqual(['pass', 'warn', 'fail'])
})
