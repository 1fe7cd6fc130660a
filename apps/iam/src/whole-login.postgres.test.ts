import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess, type ServiceProcess } from '@holdfast/testkit/child-process'
import { testDatabase, type TestDatabase } from '@holdfast/testkit/database'
import { freePort } from '@holdfast/testkit/free-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorize } from './login-browser.fixture.ts'
import { startReverseProxy, type ReverseProxy } from './reverse-proxy.fixture.ts'

/** The service and the provider, a process each, behind one proxy that keeps its base path. The service starts first. */
const ports = { iam: 0, service: 0 }
let directory: string
let database: TestDatabase
let proxy: ReverseProxy
let service: ServiceProcess
let iam: ServiceProcess
let base: string

const entryOf = (app: string) => join(import.meta.dirname, '../..', app, 'src/main.ts')
const startApp = (app: 'api' | 'iam', env: Record<string, string>, readyWhen: RegExp) =>
  startProcess({
    command: process.execPath,
    args: [entryOf(app)],
    env: { DATA_DIR: join(directory, app), PUBLIC_URL: base, OIDC_CLIENT_ID: 'holdfast', ...env },
    readyWhen,
  })
const startService = async () => {
  const env = { PORT: '0', DATABASE_URL: database.url, OIDC_ISSUER: `${base}/iam`, TRUSTED_PROXIES: 'loopback' }
  service = await startApp('api', env, /listens on http:\S+?:(\d+)/)
  ports.service = Number(service.readyMatch?.[1])
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-login-'))
  // Empty: the service brings its schema itself.
  database = await testDatabase({ migrationsDirectory: directory, migrate: async () => {} })
  ports.iam = await freePort()
  const portOf = (path: string) => (path.startsWith('/iam/') ? ports.iam : ports.service)
  proxy = await startReverseProxy({ basePath: '/holdfast', isStripping: false, portOf })
  base = `${proxy.origin}/holdfast`
  await startService()
})
afterAll(async () => {
  proxy.close()
  await Promise.all([service.kill('SIGKILL'), iam?.kill('SIGKILL')])
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
  const response = await fetch(base + path, sent)
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}
const logIn = (grant: object) => post('/api/v1/auth/login', { grant })

const redirectUri = 'http://127.0.0.1:5173/after-login'
const codeVerifier = randomBytes(32).toString('base64url')
async function codeGrant() {
  const callback = await authorize(`${base}/iam`, {
    client_id: 'holdfast',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return { type: 'authorization_code', code: callback.searchParams.get('code') ?? '', codeVerifier, redirectUri }
}
/** Not through the proxy: the provider gives such tokens to this machine alone. */
async function idTokenGrant() {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"subject":"ada"}' }
  const answer = (await (await fetch(`http://127.0.0.1:${ports.iam}/iam/dev/tokens`, sent)).json()) as { idToken: string }
  return { type: 'id_token', idToken: answer.idToken }
}
async function keyCheck() {
  const report = (await (await fetch(`http://127.0.0.1:${ports.service}/health`)).json()) as { status: string }
  return report.status
}

test('the service starts without the provider, and says why nobody can log in', async () => {
  const answer = await logIn({ type: 'authorization_code', code: 'c', codeVerifier, redirectUri })
  expect(answer).toMatchObject({
    status: 503,
    body: { code: 'AUTH_PROVIDER_UNAVAILABLE', type: `${base}/errors/AUTH_PROVIDER_UNAVAILABLE` },
  })
  expect(answer.headers.get('retry-after')).toBe('2')
  expect(await keyCheck()).toBe('warn')
})

test('once it is there, a browser’s code becomes a session, and is good once', async () => {
  iam = await startApp('iam', { PORT: String(ports.iam) }, /"the identity provider listens/)
  const grant = await codeGrant()
  await expect.poll(async () => (await logIn(await idTokenGrant())).status, { timeout: 5_000, interval: 200 }).toBe(200)
  expect(await keyCheck()).toBe('pass')
  const first = await logIn(grant)
  expect(first).toMatchObject({ status: 200, body: { accessToken: expect.any(String), refreshToken: expect.any(String) } })
  const created = await post('/api/v1/tasks', { title: 'x' }, { authorization: `Bearer ${String(first.body['accessToken'])}` })
  expect([created.status, created.headers.get('location')]).toEqual([201, `/holdfast/api/v1/tasks/${String(created.body['id'])}`])
  expect(await logIn(grant)).toMatchObject({
    status: 401,
    body: { code: 'AUTH_GRANT_REJECTED', detail: expect.stringContaining('is used') },
  })
})

test.each([
  ['verifier', { codeVerifier: randomBytes(32).toString('base64url') }],
  ['redirect address', { redirectUri: 'http://127.0.0.1:5173/after-login/' }],
])('another %s is refused', async (_, changed) => {
  const answer = await logIn({ ...(await codeGrant()), ...changed })
  expect(answer).toMatchObject({ status: 401, body: { code: 'AUTH_GRANT_REJECTED', detail: expect.stringContaining('refused the code') } })
})

test('while it is away ID tokens are still taken, after a restart too; codes are not', { timeout: 20_000 }, async () => {
  const [held, code] = [await idTokenGrant(), await codeGrant()]
  await iam.kill('SIGKILL')
  expect((await logIn(held)).status).toBe(200)
  expect(await logIn(code)).toMatchObject({ status: 503, body: { code: 'AUTH_PROVIDER_UNAVAILABLE' } })
  await service.kill('SIGKILL')
  await startService()
  expect((await logIn(held)).status).toBe(200)
  await expect.poll(keyCheck, { timeout: 3_000 }).toBe('warn')
})
