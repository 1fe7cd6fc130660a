import { contract } from '@holdfast/contract/contract'
import { ownPaths } from '@holdfast/config/own-paths'
import { ApplicationError } from '@holdfast/domain/application-error'
import { withoutBasePath } from '@holdfast/edge/base-path'
import { createHealth } from '@holdfast/edge/health'
import { createRateLimiter } from '@holdfast/edge/rate-limiter'
import { createRequestRates } from '@holdfast/edge/request-rates'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { describe, expect, test } from 'vitest'
import { doorExamples } from '../doors/door-examples.ts'
import { createApp, createOperationsApp, type AppParts } from './create-app.ts'

const clock = createTestClock()
const health = createHealth({
  clock,
  version: '1',
  checks: { 'a:b': () => ({ status: 'warn', output: 'in detail' }) },
  isAccepting: () => true,
  isDegraded: () => true,
})
health.enter('ready')

function partsWith(changed: Partial<AppParts> = {}): AppParts {
  const handlers = Object.fromEntries(
    Object.entries(contract).map(([area, verbs]) => [
      area,
      Object.fromEntries(
        Object.keys(verbs).map((verb) => [
          verb,
          async () => ({ output: (doorExamples as Record<string, Record<string, { output: unknown }>>)[area]?.[verb]?.output }),
        ]),
      ),
    ]),
  )
  return {
    authenticator: { actorOf: async () => ({ kind: 'user' }) as never },
    clock,
    handlers: handlers as never,
    health,
    log: createTestLog(),
    publicUrl: null,
    trustedProxies: [],
    corsOrigins: [],
    rates: createRequestRates({ user: null, address: null, auth: null }),
    version: '1',
    origin: 'http://127.0.0.1:3000',
    hasDevelopmentIdentity: false,
    hasProbes: true,
    ...changed,
  }
}

const ask = (app: ReturnType<typeof createApp>, path: string, init: RequestInit = {}) => app.request(path, init, {})

const create = {
  method: 'POST',
  headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
  body: JSON.stringify(doorExamples.tasks.create.input),
}
const taskPath = `/api/v1/tasks/${doorExamples.tasks.create.output.id}`

describe('links', () => {
  test.each([
    [null, '', ''],
    ['https://example.org', 'https://example.org', ''],
    ['https://example.org/holdfast', 'https://example.org/holdfast', '/holdfast'],
  ])('with the public address %s', async (publicUrl, absolute, basePath) => {
    const app = createApp(partsWith({ publicUrl }))
    expect((await ask(app, '/api/v1/tasks', create)).headers.get('location')).toBe(basePath + taskPath)
    expect(await (await ask(app, '/nothing')).json()).toMatchObject({ type: `${absolute}/errors/ROUTE_NOT_FOUND` })
    const document = (await (await ask(app, '/openapi.json')).json()) as { servers: unknown }
    expect(document.servers).toEqual([{ url: absolute === '' ? '/' : absolute }])
    const home = (await (await ask(app, '/', { headers: { accept: 'application/json' } })).json()) as { links: unknown }
    expect(home.links).toMatchObject({ openapi: `${basePath}/openapi.json`, status: `${basePath}/status` })
  })

  test('of the pages are relative, and the base path alone leads to its slash', async () => {
    const app = createApp(partsWith({ publicUrl: 'https://example.org/holdfast' }))
    for (const page of ['/', '/docs']) expect(await (await ask(app, page)).text()).not.toMatch(/(?:href|src)="\//)
    const redirect = await ask(app, '/holdfast')
    expect([redirect.status, redirect.headers.get('location')]).toEqual([308, '/holdfast/'])
  })

  test('https is promised where clients use it, whatever a proxy says', async () => {
    const promised = async (publicUrl: string | null) => {
      const response = await ask(createApp(partsWith({ publicUrl })), '/status', { headers: { 'x-forwarded-proto': 'https' } })
      return response.headers.has('strict-transport-security')
    }
    expect([await promised('https://example.org/holdfast'), await promised('http://example.org'), await promised(null)]).toEqual([
      true,
      false,
      false,
    ])
  })
})

test('every path begins with one that no base path may begin with', () => {
  const app = createApp(partsWith())
  const firsts = new Set(app.routes.map(({ path }) => path.split('/')[1] ?? ''))
  for (const first of firsts) if (first !== '' && first !== '*') expect(ownPaths).toContain(first)
  expect(firsts.size).toBeGreaterThan(8)
})

describe('the details of /health', () => {
  const loopback = [{ address: '127.0.0.0', prefixLength: 8 }]
  const shownTo = async (remoteAddress: string, headers: Record<string, string> = {}, trustedProxies: AppParts['trustedProxies'] = []) => {
    const app = createApp(partsWith({ trustedProxies }))
    const text = await (await app.request('/health', { headers }, { incoming: { socket: { remoteAddress }, complete: true } })).text()
    expect(text).toContain('"status":"warn"')
    return text.includes('in detail')
  }

  test('are for this machine', async () => {
    expect(await shownTo('127.0.0.1')).toBe(true)
    expect(await shownTo('::ffff:127.0.0.1')).toBe(true)
    expect(await shownTo('192.0.2.1')).toBe(false)
  })

  test('and for nobody who comes through a proxy on it, declared or not, whatever it says', async () => {
    expect(await shownTo('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).toBe(false)
    expect(await shownTo('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' })).toBe(false)
    expect(await shownTo('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, loopback)).toBe(false)
    expect(await shownTo('127.0.0.1', { forwarded: 'for=127.0.0.1' }, loopback)).toBe(false)
    expect(await shownTo('127.0.0.1', {}, loopback)).toBe(false)
  })

  test('are all on the port for operators, and the probes then nowhere else', async () => {
    const app = createApp(partsWith({ hasProbes: false }))
    const operations = createOperationsApp(partsWith())
    for (const path of ['/livez', '/startupz', '/readyz', '/health']) {
      expect([path, (await ask(app, path)).status]).toEqual([path, 404])
      expect([path, (await ask(operations, path)).status]).toEqual([path, 200])
    }
    const asked = await ask(operations, '/health', { headers: { 'x-forwarded-for': '192.0.2.1' } })
    expect(await asked.text()).toContain('in detail')
    for (const path of ['/', '/status', '/api/v1/tasks', '/iam/jwks']) expect((await ask(operations, path)).status).toBe(404)
  })
})

describe('whatever is asked for, the answer is one of the contract', () => {
  const good = { authorization: 'Bearer x' }
  const json = { ...good, 'content-type': 'application/json' }
  const throwing = (thrown: unknown) => {
    const fail = async (): Promise<never> => {
      throw thrown
    }
    const handlers = Object.fromEntries(
      Object.entries(contract).map(([area, verbs]) => [area, Object.fromEntries(Object.keys(verbs).map((verb) => [verb, fail]))]),
    )
    return partsWith({ handlers: handlers as never })
  }

  test.each<[string, string, RequestInit, number, string]>([
    ['an unknown path', '/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['an unknown path of the API', '/api/v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['another case', '/API/v1/tasks', { headers: good }, 404, 'ROUTE_NOT_FOUND'],
    ['a slash at the end', '/api/v1/tasks/', { headers: good }, 404, 'ROUTE_NOT_FOUND'],
    ['an unknown error code', '/errors/NOTHING', {}, 404, 'ROUTE_NOT_FOUND'],
    ['another method of the API', '/api/v1/tasks', { method: 'DELETE', headers: good }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['another method of a page', '/docs', { method: 'POST' }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['another method of a probe', '/livez', { method: 'DELETE' }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['an unknown method', '/status', { method: 'BREW' }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['no room for JSON', '/api/v1/tasks', { headers: { ...good, accept: 'text/html' } }, 406, 'REQUEST_NOT_ACCEPTABLE'],
    [
      'a body without a type',
      '/api/v1/tasks',
      { method: 'POST', headers: good, body: new Uint8Array(2) },
      415,
      'REQUEST_MEDIA_TYPE_UNSUPPORTED',
    ],
    ['a large body', '/api/v1/tasks', { method: 'POST', headers: json, body: ' '.repeat(300_000) }, 413, 'REQUEST_TOO_LARGE'],
    ['a long query', `/api/v1/tasks?x=${'x'.repeat(9_000)}`, { headers: good }, 414, 'REQUEST_URI_TOO_LONG'],
    ['deep JSON', '/api/v1/tasks', { method: 'POST', headers: json, body: '['.repeat(40) }, 422, 'REQUEST_INVALID'],
  ])('%s', async (_, path, init, status, code) => {
    const response = await ask(createApp(partsWith()), path, init)
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    expect(await response.json()).toMatchObject({ code, status, requestId: response.headers.get('x-request-id') })
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.has('allow')).toBe(status === 405)
  })

  test.each(['a text', undefined, null, { status: 200 }, new Error('SELECT secret')])('a handler that throws %s', async (thrown) => {
    const app = createApp(throwing(thrown))
    for (const path of ['/api/v1/tasks', '/trpc/tasks.list']) {
      const response = await ask(app, path, { headers: good })
      const text = await response.text()
      expect([response.status, response.headers.get('x-content-type-options')]).toEqual([500, 'nosniff'])
      expect(text).toContain('INTERNAL_ERROR')
      expect(text).not.toMatch(/SELECT|a text/)
    }
  })

  test('HEAD is GET without its body, and OPTIONS says what is taken, everywhere', async () => {
    const app = createApp(partsWith())
    for (const path of [
      '/',
      '/docs',
      '/openapi.json',
      '/status',
      '/livez',
      '/readyz',
      '/startupz',
      '/health',
      '/errors/VERSION_STALE',
      '/api/v1/tasks',
    ]) {
      const [get, head, options] = [
        await ask(app, path, { headers: good }),
        await ask(app, path, { method: 'HEAD', headers: good }),
        await ask(app, path, { method: 'OPTIONS' }),
      ]
      expect([path, head.status, await head.text(), head.headers.get('content-type')]).toEqual([
        path,
        get.status,
        '',
        get.headers.get('content-type'),
      ])
      expect([path, options.status, options.headers.get('allow')]).toEqual([path, 204, expect.stringContaining('GET, ')])
    }
  })

  test('the type of a problem leads to its page, as the public address or the base path has it', async () => {
    const app = createApp(partsWith({ publicUrl: 'https://example.org/holdfast' }))
    const { type } = (await (await ask(app, '/nothing')).json()) as { type: string }
    expect(type).toBe('https://example.org/holdfast/errors/ROUTE_NOT_FOUND')
    const page = await ask(app, withoutBasePath(new URL(type).pathname, '/holdfast'))
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('ROUTE_NOT_FOUND')])
  })
})

describe('limits on requests', () => {
  const limiter = (name: string, quota: number) => createRateLimiter({ name, quota, windowSeconds: 60 }, { clock, shared: null })
  const limitedApp = () =>
    createApp(
      partsWith({
        rates: createRequestRates({ user: limiter('user', 5), address: limiter('address', 3), auth: limiter('auth', 2) }),
        authenticator: {
          actorOf: async (token) => {
            if (token === 'bad') throw new ApplicationError('AUTH_TOKEN_INVALID')
            return { kind: 'user', userId: token } as never
          },
        },
      }),
    )
  const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress }, complete: true } })
  const call = async (
    app: ReturnType<typeof limitedApp>,
    path: string,
    token: string | null,
    address = '192.0.2.1',
    init: RequestInit = {},
  ) => {
    const headers = {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(init.body !== undefined && { 'content-type': 'application/json', 'content-length': String((init.body as string).length) }),
    }
    const response = await app.request(path, { ...init, headers }, from(address))
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  const statuses = async (times: number, one: () => Promise<{ status: number }>) => {
    const seen = []
    for (let at = 0; at < times; at += 1) seen.push((await one()).status)
    return seen
  }

  test('a user has a share of requests, whatever the door and the address; another has another', async () => {
    const app = limitedApp()
    const first = await call(app, '/api/v1/tasks', 'ada')
    expect([first.headers.get('ratelimit-policy'), first.headers.get('ratelimit')]).toEqual(['"user";q=5;w=60', '"user";r=4;t=60'])
    expect((await call(app, '/trpc/tasks.list', 'ada', '192.0.2.2')).headers.get('ratelimit')).toBe('"user";r=3;t=60')
    // Each call of a batch counts.
    expect((await call(app, '/trpc/tasks.list,tasks.list?batch=1&input=%7B%7D', 'ada')).headers.get('ratelimit')).toBe('"user";r=1;t=60')
    expect(await statuses(2, () => call(app, '/api/v1/tasks', 'ada', '192.0.2.3'))).toEqual([200, 429])
    const refused = await call(app, '/api/v1/tasks', 'ada')
    expect([refused.headers.get('retry-after'), refused.headers.get('ratelimit')]).toEqual(['60', '"user";r=0;t=60'])
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'REQUEST_RATE_LIMITED',
      retryAfterSeconds: 60,
      detail: expect.stringContaining('60 seconds'),
    })
    const onTrpc = await call(app, '/trpc/tasks.list', 'ada')
    expect([onTrpc.status, onTrpc.headers.get('retry-after')]).toEqual([429, '60'])
    expect(JSON.parse(onTrpc.body).error.data).toMatchObject({ code: 'REQUEST_RATE_LIMITED', httpStatus: 429, retryAfterSeconds: 60 })
    expect((await call(app, '/api/v1/tasks', 'bob')).status).toBe(200)
  })

  test('what nobody is known to have made counts for its address, a /64 of IPv6; then tokens are not even looked at', async () => {
    const app = limitedApp()
    const seen = [
      await call(app, '/api/v1/tasks', null, '2001:db8::1'),
      await call(app, '/api/v1/tasks', 'bad', '2001:db8::2'),
      await call(app, '/trpc/tasks.list', 'bad', '2001:db8::3'),
      await call(app, '/api/v1/tasks', 'ada', '2001:db8::4'),
      await call(app, '/trpc/tasks.list', 'ada', '2001:db8::4'),
      await call(app, '/api/v1/tasks', 'ada', '2001:db8:0:1::4'),
    ]
    expect(seen.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429, 200])
    expect(seen.map(({ headers }) => headers.get('ratelimit'))).toEqual([
      '"address";r=2;t=60',
      '"address";r=1;t=60',
      '"address";r=0;t=60',
      '"address";r=0;t=60',
      '"address";r=0;t=60',
      '"user";r=4;t=60',
    ])
    expect(JSON.parse(seen[4]?.body ?? '').error.data.code).toBe('REQUEST_RATE_LIMITED')
  })

  test('trading credentials has a stricter share, whatever the spelling', async () => {
    const login = { method: 'POST', body: JSON.stringify(doorExamples.auth.login.input) }
    for (const path of ['/api/v1/auth/login', '/api/v1/%61uth/login', '/trpc/auth.login', '/trpc/%61uth%2Elogin']) {
      const app = limitedApp()
      expect([path, await statuses(3, () => call(app, path, null, '192.0.2.1', login))]).toEqual([path, [200, 200, 429]])
      expect((await call(app, path, null, '192.0.2.9', login)).status).toBe(200)
    }
    const hidden = { method: 'POST', body: JSON.stringify({ 0: {}, 1: doorExamples.auth.login.input }) }
    const other = limitedApp()
    expect(await statuses(3, () => call(other, '/trpc/tasks.create%2Cauth.login?batch=1', null, '192.0.2.1', hidden))).toEqual([
      207, 207, 429,
    ])
    const app = limitedApp()
    const batch = { method: 'POST', body: JSON.stringify([0, 1, 2].map(() => doorExamples.auth.login.input)) }
    expect((await call(app, '/trpc/auth.login,auth.login,auth.login?batch=1', null, '192.0.2.1', batch)).status).toBe(429)
  })

  test('pages and probes are not limited', async () => {
    const app = limitedApp()
    expect(await statuses(10, () => call(app, '/livez', null))).toEqual(Array(10).fill(200))
    expect(await statuses(10, () => call(app, '/errors/VERSION_STALE', null))).toEqual(Array(10).fill(200))
  })
})

describe('pages of other origins', () => {
  const origin = 'https://tasks.example.org'
  const app = createApp(partsWith({ corsOrigins: [origin] }))
  const allowed = async (path: string, init: RequestInit = {}, from = origin) =>
    (await ask(app, path, { ...init, headers: { ...init.headers, origin: from } })).headers.get('access-control-allow-origin')

  test('may call both doors, and read their errors', async () => {
    const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } }
    for (const path of ['/api/v1/tasks', '/trpc/tasks.create', '/openapi.json', '/errors/VERSION_STALE', '/status']) {
      expect([path, await allowed(path, preflight), await allowed(path)]).toEqual([path, origin, origin])
      expect([path, await allowed(path, preflight, 'https://example.com'), await allowed(path, {}, 'https://example.com')]).toEqual([
        path,
        null,
        null,
      ])
    }
    expect((await ask(app, '/api/v1/nothing', { headers: { origin } })).headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('may not read what is for operators', async () => {
    for (const path of ['/health', '/livez', '/docs', '/']) expect([path, await allowed(path)]).toEqual([path, null])
  })

  test('answers vary by origin, beside what they vary by anyway', async () => {
    const { headers } = await ask(app, '/api/v1/tasks', { headers: { authorization: 'Bearer x' } })
    expect(headers.get('vary')?.split(/, */)).toEqual(expect.arrayContaining(['Accept', 'Authorization', 'Origin']))
  })
})
