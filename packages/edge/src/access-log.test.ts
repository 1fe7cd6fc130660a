import { ApplicationError } from '@holdfast/domain/application-error'
import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { accessLog } from './access-log.ts'
import type { EdgeEnv, UserActor } from './edge-context.ts'
import { notFound, onError } from './on-error.ts'
import { requestId } from './request-id.ts'
import { fixedClock } from './testing/fixed-clock.ts'
import { recordingLog } from './testing/recording-log.ts'

const clock = fixedClock()
const { log, lines } = recordingLog()
const observed: unknown[] = []
const meter = { count() {}, gauge() {}, observe: (...measurement: unknown[]) => void observed.push(measurement) }
const app = new Hono<EdgeEnv>().use(requestId(clock)).use(accessLog({ log, meter, clock }))
app.onError(onError(log))
app.notFound(notFound(log))
app.get('/livez', (c) => c.text('ok'))
app.get('/readyz', (c) => c.text('no', 503))
app.put('/tasks/:id', (c) => {
  clock.advance(12.3456)
  c.set('actor', { kind: 'user', userId: 'u-1' } as UserActor)
  return c.json({}, 202, { Durability: 'buffered' })
})
app.post('/trpc/*', (c) => {
  c.set('operation', 'tasks.create')
  return c.json({})
})
app.get('/broken/:id', () => {
  throw new ApplicationError('TASK_NOT_FOUND')
})
app.all('/api/*', () => {
  throw new ApplicationError('ROUTE_NOT_FOUND')
})
beforeEach(() => {
  lines.length = 0
  observed.length = 0
})

test('one line says what was asked for and what became of it', async () => {
  await app.request('/tasks/c4n4ry?q=c4n4ry', {
    method: 'PUT',
    body: 'c4n4ry',
    headers: { 'X-Request-Id': 'r-1', Authorization: 'Bearer c4n4ry', 'User-Agent': 'c4n4ry' },
  })
  expect(lines).toMatchObject([
    {
      level: 'info',
      message: 'request',
      fields: {
        method: 'PUT',
        operation: '/tasks/:id',
        status: 202,
        durationMs: 12.35,
        requestId: 'r-1',
        user: 'u-1',
        durability: 'buffered',
      },
    },
  ])
  expect(lines[0]?.fields['traceId']).toMatch(/^[0-9a-f]{32}$/)
  expect(JSON.stringify(lines)).not.toContain('c4n4ry')
  const labels = { 'http.request.method': 'PUT', 'http.route': '/tasks/:id', 'http.response.status_code': '202' }
  expect(observed).toEqual([['http.server.request.duration', expect.closeTo(0.0123456, 6), labels]])
})

test.each([
  ['POST', '/trpc/tasks.create', 'tasks.create', 200],
  ['GET', '/broken/c4n4ry', '/broken/:id', 404],
  ['GET', '/api/c4n4ry', 'unmatched', 404],
  ['GET', '/c4n4ry', 'unmatched', 404],
])('%s %s is %s', async (method, path, operation, status) => {
  await app.request(path, { method })
  expect(lines.map(({ fields }) => [fields['operation'], fields['status']])).toEqual([[operation, status]])
})

test('an invented method makes no new label', async () => {
  await app.request('/x', { method: 'C4N4RY' })
  expect(lines[0]?.fields).toMatchObject({ method: 'other' })
})

test('probes are quiet while they are well', async () => {
  await app.request('/livez')
  await app.request('/readyz')
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'info'])
})
