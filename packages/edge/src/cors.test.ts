import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { cors } from './cors.ts'

const origin = 'https://tasks.example.org'
const appFor = (...origins: readonly string[]) =>
  new Hono()
    .use(cors(origins))
    .get('/', (c) => c.json({}, 200, { Vary: 'Accept' }))
    .options('/', (c) => c.body(null, 204, { Allow: 'GET' }))
const ask = async (headers: Record<string, string>, method = 'GET', app = appFor(origin)) => {
  const response = await app.request('/', { method, headers })
  return { status: response.status, headers: Object.fromEntries(response.headers) }
}
const preflight = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' }

test('an origin that is named may read the answer and its headers, without credentials of the browser’s', async () => {
  const { headers } = await ask({ origin })
  expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Accept, Origin' })
  const exposed = headers['access-control-expose-headers']?.split(', ')
  for (const name of ['ETag', 'Location', 'Durability', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'Consistency-Token'])
    expect(exposed).toContain(name)
  for (const name of ['Preference-Applied', 'Idempotency-Replayed', 'X-Request-Id']) expect(exposed).toContain(name)
  expect(headers).not.toHaveProperty('access-control-allow-credentials')
})

test('its preflight says what may be sent', async () => {
  const { status, headers } = await ask({ origin, ...preflight }, 'OPTIONS')
  expect(status).toBe(204)
  expect(headers).toMatchObject({ 'access-control-allow-origin': origin, 'access-control-max-age': '7200', vary: 'Origin' })
  expect(headers['access-control-allow-methods']?.split(', ')).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
  const allowed = headers['access-control-allow-headers']?.split(', ')
  expect(allowed).toEqual(
    expect.arrayContaining(['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Prefer', 'Consistency-Token']),
  )
})

test.each([
  'https://tasks.example.org.evil.org',
  'http://tasks.example.org',
  'https://TASKS.example.org',
  'https://tasks.example.org:8443',
  'null',
])('the origin %s gets no CORS headers', async (other) => {
  for (const answer of [await ask({ origin: other }), await ask({ origin: other, ...preflight }, 'OPTIONS')]) {
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    expect(answer.headers['vary']).toContain('Origin')
  }
})

test('an OPTIONS that is no preflight is answered as it is', async () => {
  expect((await ask({ origin }, 'OPTIONS')).headers).toMatchObject({ allow: 'GET', 'access-control-allow-origin': origin })
})

test('without origins nothing is said at all', async () => {
  const { headers } = await ask({ origin, ...preflight }, 'OPTIONS', appFor())
  expect([headers['vary'], headers['access-control-allow-origin']]).toEqual([undefined, undefined])
})
