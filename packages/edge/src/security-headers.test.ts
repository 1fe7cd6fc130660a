import { ApplicationError } from '@holdfast/domain/application-error'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { EdgeEnv } from './edge-context.ts'
import { onError } from './on-error.ts'
import { securityHeaders } from './security-headers.ts'
import { serviceStatus } from './service-status.ts'
import { recordingLog } from './testing/recording-log.ts'

const appOn = (isHttps: boolean) => {
  const app = new Hono<EdgeEnv>().use(securityHeaders({ isHttps }))
  app.onError(onError(recordingLog().log))
  app.get('/', (c) => c.json({}))
  app.get('/raw', () => new Response('raw'))
  app.get('/page', (c) => c.html('', 200, { 'Cache-Control': 'public, max-age=60', 'Content-Security-Policy': "default-src 'self'" }))
  app.get('/broken', () => {
    throw new ApplicationError('TASK_NOT_FOUND')
  })
  return app
}

test.each(['/', '/raw', '/broken', '/nowhere'])('%s has them all', async (path) => {
  const response = await appOn(true).request(path)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
  })
})

test('a page keeps what it set itself', async () => {
  const { headers } = await appOn(true).request('/page')
  expect([headers.get('Cache-Control'), headers.get('Content-Security-Policy')]).toEqual(['public, max-age=60', "default-src 'self'"])
})

test('a page is lent nothing of the browser’s; data cannot use any of it', async () => {
  const policy = async (path: string) => (await appOn(true).request(path)).headers.get('Permissions-Policy')
  expect(await policy('/page')).toMatch(/^accelerometer=\(\), .*camera=\(\), .*usb=\(\)/)
  expect(await policy('/')).toBeNull()
})

test('nothing says what the service is made of', async () => {
  for (const name of ['Server', 'X-Powered-By']) expect((await appOn(true).request('/')).headers.has(name)).toBe(false)
})

test('https is promised only where it is used', async () => {
  expect((await appOn(false).request('/')).headers.has('Strict-Transport-Security')).toBe(false)
})

test('Service-Status is there while degraded, and only then', async () => {
  let isDegraded = false
  const app = new Hono().use(serviceStatus(() => isDegraded)).get('/', () => new Response('raw'))
  expect((await app.request('/')).headers.has('Service-Status')).toBe(false)
  isDegraded = true
  expect((await app.request('/')).headers.get('Service-Status')).toBe('degraded')
})
