import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { EdgeEnv } from './edge-context.ts'
import { requestId } from './request-id.ts'
import { fixedClock } from './testing/fixed-clock.ts'
import { readTraceparent } from './trace-context.ts'

const app = new Hono<EdgeEnv>()
  .use(requestId(fixedClock()))
  .get('/', (c) => c.json({ id: c.get('requestId'), trace: c.get('trace') }))
  .get('/raw', () => new Response('raw'))

const ask = (headers: Record<string, string>, path = '/') => app.request(path, { headers })

test.each(['a', 'A.b_c-9', 'x'.repeat(64)])('a well-formed name is kept: %s', async (id) => {
  const response = await ask({ 'X-Request-Id': id })
  expect(response.headers.get('X-Request-Id')).toBe(id)
  expect(await response.json()).toMatchObject({ id })
})

test.each(['', 'x'.repeat(65), 'a b', 'a,b', 'a"b', '<script>', 'é'])('anything else is replaced by a UUIDv7: %s', async (id) => {
  const response = await ask({ 'X-Request-Id': id })
  expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('no two made names are the same, and a bare response has one too', async () => {
  const [one, other] = [await ask({}), await ask({}, '/raw')].map((response) => response.headers.get('X-Request-Id'))
  expect(one).not.toBe(other)
  expect(other).toMatch(/^[0-9a-f-]{36}$/)
})

test('a trace goes on under a span of our own', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const response = await ask({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
  const out = response.headers.get('traceparent') ?? ''
  expect(out).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  expect(out).not.toContain('00f067aa0ba902b7')
  expect(await response.json()).toMatchObject({ trace: { traceId, isSampled: true } })
})

test('without a trace, one begins, unsampled', async () => {
  const response = await ask({ traceparent: 'nonsense' })
  expect(response.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
})

const good = '4bf92f3577b34da6a3ce929d0e0e4736'
test.each([
  [`01-${good}-00f067aa0ba902b7-00-more`, { traceId: good, isSampled: false }],
  [`00-${good}-00f067aa0ba902b7-03`, { traceId: good, isSampled: true }],
  [`00-${good}-00f067aa0ba902b7-01-more`, undefined],
  [`ff-${good}-00f067aa0ba902b7-01`, undefined],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  [`00-${good}-${'0'.repeat(16)}-01`, undefined],
  [`00-${good.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
  [`00-${good}-00f067aa0ba902b7-01, 00-${good}-00f067aa0ba902b7-01`, undefined],
])('traceparent %s', (header, read) => {
  expect(readTraceparent(header)).toEqual(read)
})
