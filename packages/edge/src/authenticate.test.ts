import { serve } from '@hono/node-server'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { Hono } from 'hono'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { authenticate } from './authenticate.ts'
import type { EdgeEnv, UserActor } from './edge-context.ts'
import { onError } from './on-error.ts'
import { recordingLog } from './testing/recording-log.ts'

const actor: UserActor = { kind: 'user', userId: 'u-1' as UserId, sessionId: 's-1' as SessionId, authenticatedAt: 1 }
const seen: string[] = []
const ask = authenticate({
  async actorOf(token) {
    seen.push(token)
    if (token === 'good') return actor
    throw new ApplicationError('AUTH_TOKEN_EXPIRED')
  },
})
const app = new Hono<EdgeEnv>()
  .get('/open', (c) => c.json({ actor: c.get('actor') ?? null }))
  .get('/closed', async (c) => {
    await Promise.all([ask(c), ask(c)])
    return c.json({ asked: await ask(c), actor: c.get('actor') })
  })
app.onError(onError(recordingLog().log))
const get = async (path: string, authorization?: string) => {
  const response = await app.request(path, authorization === undefined ? {} : { headers: { Authorization: authorization } })
  return {
    status: response.status,
    challenge: response.headers.get('WWW-Authenticate'),
    body: (await response.json()) as Record<string, unknown>,
  }
}

test('an open operation asks nobody, whatever is sent', async () => {
  seen.length = 0
  expect(await get('/open', 'Bearer bad')).toMatchObject({ status: 200, body: { actor: null } })
  expect(seen).toEqual([])
})

test('a good token is asked for once a request, and the actor is on the context', async () => {
  seen.length = 0
  for (const header of ['Bearer good', 'bearer good', 'BEARER   good']) {
    expect(await get('/closed', header)).toMatchObject({ status: 200, body: { asked: actor, actor } })
  }
  expect(seen).toEqual(['good', 'good', 'good'])
})

test.each([undefined, '', 'Basic dTpw', 'good'])('no bearer token: %s', async (header) => {
  expect(await get('/closed', header)).toMatchObject({ status: 401, challenge: 'Bearer', body: { code: 'AUTH_REQUIRED' } })
})

test.each([
  'Bearer',
  'Bearer good good',
  'Bearer good, Bearer good',
  'Bearer good,',
  'Bearer\tgood',
  'Bearer gööd',
  `Bearer ${'x'.repeat(5000)}`,
])('no sound bearer token: %.30s', async (header) => {
  seen.length = 0
  expect(await get('/closed', header)).toMatchObject({ status: 401, body: { code: 'AUTH_TOKEN_INVALID' } })
  expect(seen).toEqual([])
})

test('what the authenticator says goes through', async () => {
  const { status, challenge, body } = await get('/closed', 'Bearer old')
  expect([status, body['code']]).toEqual([401, 'AUTH_TOKEN_EXPIRED'])
  expect(challenge).toMatch(/^Bearer error="invalid_token"/)
})

test('two headers are refused over a real server too, or the first is the one that counts', async () => {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const sent = request({
      port,
      host: '127.0.0.1',
      path: '/closed',
      headers: ['Host', 'x', 'Authorization', 'Bearer good', 'Authorization', 'Bearer bad'],
    })
    sent.end()
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).toBe(401)
  } finally {
    server.close()
  }
})
