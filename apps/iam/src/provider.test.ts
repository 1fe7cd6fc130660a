import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createEmbeddedIdentityProvider,
  createRemoteIdentityProvider,
  embeddedIssuer,
  type RemoteIdentityProvider,
} from '@holdfast/identity/identity-provider.openid'
import { createFileKeySetStore } from '@holdfast/identity/key-set-store.file'
import type { Log } from '@holdfast/usecases/ports/log'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { authorize as authorizeAt } from './login-browser.fixture.ts'
import { createIdentityProvider, type DevelopmentIdentityProvider } from './provider.ts'
import { startReverseProxy } from './reverse-proxy.fixture.ts'

const clientId = 'holdfast'
const failures: unknown[] = []
const log: Log = { debug() {}, info() {}, warn() {}, error: (_message, cause) => failures.push(cause), child: () => log }
const printed = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]

let directory: string
let server: Server
let issuer: string
let provider: DevelopmentIdentityProvider

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-iam-'))
  server = createServer((req, res) => provider.handle(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/iam`
  provider = await createIdentityProvider({ directory, issuer, clientId, redirectUris: ['https://app.example/callback'], clock, log })
})
afterAll(async () => {
  await provider.close()
  server.close()
  await rm(directory, { recursive: true, force: true })
})

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string
}
interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Record<string, unknown> & { idToken?: string }
}

/** By `node:http`, since `fetch` does not let `Host` and `Origin` be set. */
async function askForToken({ method = 'POST', headers = {}, body = '{"subject":"ada"}' }: Sent = {}): Promise<Answer> {
  const req = request(`${issuer}/dev/tokens`, { method, headers: { 'content-type': 'application/json', ...headers } })
  req.end(method === 'POST' ? body : undefined)
  const [res] = await once(req, 'response')
  let text = ''
  for await (const chunk of res) text += chunk
  return { status: res.statusCode, headers: res.headers, body: JSON.parse(text) }
}

describe('the discovery document', () => {
  test.each(['127.0.0.1', 'evil.example'])('names endpoints under the issuer, whatever the Host (%s)', async (host) => {
    const req = request(`${issuer}/.well-known/openid-configuration`, { headers: { host } }).end()
    const [res] = await once(req, 'response')
    const metadata = JSON.parse(Buffer.concat(await res.toArray()).toString('utf8'))
    expect(metadata).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/me`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['none'],
    })
  })

  test('the published keys are those handed over in the process, without a private part', async () => {
    const published = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: object[] }
    expect(published.keys).toHaveLength(1)
    expect(provider.signingKeys.keys).toEqual([expect.objectContaining({ ...published.keys[0] })])
    expect(JSON.stringify([published, provider.signingKeys])).not.toContain('"d"')
  })
})

describe('development tokens', () => {
  test('verify against the published keys', async () => {
    const { status, headers, body } = await askForToken()
    expect([status, headers['cache-control'], Object.keys(body)]).toEqual([200, 'no-store', ['idToken']])
    const { payload } = await jwtVerify(body.idToken ?? '', createRemoteJWKSet(new URL(`${issuer}/jwks`)), { issuer, audience: clientId })
    expect(payload).toMatchObject({ sub: 'ada', exp: (payload.iat ?? 0) + 600, auth_time: payload.iat, jti: expect.any(String) })
    expect(JSON.stringify(payload)).not.toMatch(/Ada|@/)
  })

  test('are for loopback hosts on any port, and for pages of the same origin', async () => {
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:3000', '[::1]:3000']) {
      expect(await askForToken({ headers: { host } })).toMatchObject({ status: 200 })
      expect(await askForToken({ headers: { host, origin: `http://${host}` } })).toMatchObject({ status: 200 })
    }
  })

  test.each<[string, Sent, number]>([
    ['a page of another site', { headers: { origin: 'https://evil.example' } }, 403],
    ['a page without an origin of its own', { headers: { origin: 'null' } }, 403],
    ['a page of another port', { headers: { origin: 'http://127.0.0.1:1' } }, 403],
    ['a name that was made to point here', { headers: { host: 'evil.example' } }, 403],
    ['a name that begins like ours', { headers: { host: 'localhost.evil.example' } }, 403],
    ['a number that begins like ours', { headers: { host: '127.0.0.1.evil.example' } }, 403],
    ['a host with a user', { headers: { host: 'localhost@evil.example' } }, 403],
    ['a proxy', { headers: { 'x-forwarded-for': '203.0.113.9' } }, 403],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['plain text', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no content type', { headers: { 'content-type': '' } }, 415],
    ['no JSON', { body: '{' }, 400],
    ['no object', { body: '["ada"]' }, 422],
    ['null', { body: 'null' }, 422],
    ['an unknown key', { body: '{"subject":"ada","admin":true}' }, 422],
    ['no subject', { body: '{}' }, 422],
    ['an empty subject', { body: '{"subject":""}' }, 422],
    ['a long subject', { body: JSON.stringify({ subject: 'a'.repeat(65) }) }, 422],
    ['a subject with a line break', { body: '{"subject":"ada\\n"}' }, 422],
    ['a subject that is a number', { body: '{"subject":7}' }, 422],
    ['a large body', { body: JSON.stringify({ subject: 'a'.repeat(5_000) }) }, 413],
  ])('are refused: %s', async (_, sent, status) => {
    const answer = await askForToken(sent)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toEqual({ type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test.each(['GET', 'PUT', 'OPTIONS'])('%s is 405 with Allow', async (method) => {
    expect(await askForToken({ method })).toMatchObject({ status: 405, headers: { allow: 'POST' }, body: { status: 405 } })
  })
})

const authorize = (parameters: Record<string, string>, visit = {}) => authorizeAt(issuer, parameters, visit)

describe('the authorization code flow with PKCE', () => {
  const redirectUri = 'http://127.0.0.1:5173/after-login'
  const codeVerifier = randomBytes(32).toString('base64url')
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: 'xyz',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const embedded = () =>
    createEmbeddedIdentityProvider({
      keySet: provider.signingKeys,
      issuers: [issuer],
      clientId,
      tokenEndpoint: () => `${issuer}/token`,
      clock,
    })
  const remotes: RemoteIdentityProvider[] = []
  const remote = () => {
    const made = createRemoteIdentityProvider({ issuer, clientId, clock, log, store: createFileKeySetStore(directory) })
    remotes.push(made)
    return made
  }
  afterEach(async () => {
    await Promise.all(remotes.splice(0).map((made) => made.close()))
  })
  const grantOf = (callback: URL) =>
    ({ type: 'authorization_code', code: callback.searchParams.get('code') ?? '', codeVerifier, redirectUri }) as const

  test.each([
    ['embedded', embedded, embeddedIssuer],
    ['remote', remote, undefined],
  ])('ends in an identity (%s), once', async (_, make, subjectIssuer) => {
    const beforeMs = Math.floor(Date.now() / 1000) * 1000
    const callback = await authorize(parameters)
    expect(callback.searchParams.get('state')).toBe('xyz')
    const identity = await make().exchange(grantOf(callback))
    expect(identity).toEqual({ issuer: subjectIssuer ?? issuer, subject: 'ada', authenticatedAt: expect.any(Number) })
    expect(identity.authenticatedAt).toBeGreaterThanOrEqual(beforeMs)
    await expect(make().exchange(grantOf(callback))).rejects.toMatchObject({
      code: 'AUTH_GRANT_REJECTED',
      detail: expect.stringMatching(/code/),
    })
  })

  test('a browser that is logged in is not asked again; prompt=login asks, and consent needs nobody', async () => {
    const cookies = new Map<string, string>()
    const subjectOf = async (callback: URL) => (await embedded().exchange(grantOf(callback))).subject
    expect(await subjectOf(await authorize(parameters, { cookies }))).toBe('ada')
    expect(await subjectOf(await authorize(parameters, { subject: 'bob', cookies }))).toBe('ada')
    expect(await subjectOf(await authorize({ ...parameters, prompt: 'login' }, { subject: 'bob', cookies }))).toBe('bob')
    expect(await subjectOf(await authorize({ ...parameters, prompt: 'consent' }, { cookies }))).toBe('bob')
  })

  test.each([
    ['verifier', { codeVerifier: randomBytes(32).toString('base64url') }],
    ['redirect address', { redirectUri: `${redirectUri}/` }],
    ['redirect address on this machine', { redirectUri: 'http://127.0.0.1:5174/after-login' }],
    ['code', { code: randomBytes(32).toString('base64url') }],
  ])('another %s is refused, and says what may be wrong', async (_, changed) => {
    const grant = { ...grantOf(await authorize(parameters)), ...changed }
    const refused = { code: 'AUTH_GRANT_REJECTED', detail: expect.stringMatching(/refused the code:.*verifier or redirect address/) }
    await expect(embedded().exchange(grant)).rejects.toMatchObject(refused)
  })

  test('a code for another client is refused', async () => {
    const other = createRemoteIdentityProvider({ issuer, clientId: 'other', clock, log, store: createFileKeySetStore(directory) })
    remotes.push(other)
    const refused = { code: 'AUTH_GRANT_REJECTED', detail: expect.stringContaining('OIDC_CLIENT_ID') }
    await expect(other.exchange(grantOf(await authorize(parameters)))).rejects.toMatchObject(refused)
    const idToken = await provider.issueIdToken('ada')
    await expect(other.exchange({ type: 'id_token', idToken })).rejects.toMatchObject({ detail: expect.stringContaining('"aud"') })
  })

  test.each([true, false])('works behind a proxy with a base path, whether it drops that (%s) or not', async (isStripping) => {
    const { port } = server.address() as AddressInfo
    const proxy = await startReverseProxy({ basePath: '/hold/fast', isStripping, portOf: () => port })
    const own = provider
    try {
      const proxied = `${proxy.origin}/hold/fast/iam`
      provider = await createIdentityProvider({ directory, issuer: proxied, clientId, clock, log })
      const cookies = new Map<string, string>()
      const callback = await authorizeAt(proxied, parameters, { cookies })
      const remoteProvider = createRemoteIdentityProvider({
        issuer: proxied,
        clientId,
        clock,
        log,
        store: createFileKeySetStore(directory),
      })
      remotes.push(remoteProvider)
      expect(await remoteProvider.exchange(grantOf(callback))).toMatchObject({ issuer: proxied, subject: 'ada' })
      expect([...cookies.keys()].every((key) => key.split(' ')[1]?.startsWith('/hold/fast/iam'))).toBe(true)
      const metadata = (await (await fetch(`${proxied}/.well-known/openid-configuration`)).json()) as Record<string, string>
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'])
        expect(metadata[name]).toMatch(new RegExp(`^${proxied}/`))
      expect((await fetch(`${proxied}/dev/tokens`, { method: 'POST', body: '{"subject":"ada"}' })).status).toBe(403)
    } finally {
      provider = own
      proxy.close()
    }
  })

  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
    ['a foreign redirect address', { redirect_uri: 'https://evil.example/callback' }],
    ['a redirect address that begins like ours', { redirect_uri: 'http://127.0.0.1.evil.example/callback' }],
    ['an unknown client', { client_id: 'other' }],
    ['an implicit flow', { response_type: 'id_token' }],
  ])('is refused: %s', async (_, changed) => {
    const changedParameters = Object.fromEntries(Object.entries({ ...parameters, ...changed }).filter(([, value]) => value !== undefined))
    const outcome = await authorize(changedParameters as Record<string, string>).catch((error: Error) => error)
    if (outcome instanceof URL) expect(outcome.href).toMatch(/^http:\/\/127\.0\.0\.1:5173\/after-login[?#]error=/)
    else expect(outcome.message).toMatch(/^400/)
  })

  test('a listed redirect address works; a bad subject is told the rule', async () => {
    const callback = await authorize({ ...parameters, redirect_uri: 'https://app.example/callback' })
    expect(callback.origin).toBe('https://app.example')
    await expect(authorize(parameters, { subject: 'a b' })).rejects.toThrow(/^422.*A subject is/s)
  })

  test('names and addresses are told by userinfo alone', async () => {
    const callback = await authorize(parameters)
    const { code } = grantOf(callback)
    const form = { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri, client_id: clientId }
    const answered = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })
    const tokens = (await answered.json()) as { id_token: string; access_token: string }
    const payload = Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString()
    expect(payload).not.toMatch(/Ada|@/)
    expect(JSON.parse(payload)).toMatchObject({ auth_time: expect.any(Number) })
    const answer = await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect(await answer.json()).toEqual({ sub: 'ada', name: 'Ada', email: 'ada@people.example', email_verified: false })
  })

  test('a page of this machine may redeem a code itself, a page elsewhere may not', async () => {
    for (const [origin, allowed] of [
      ['http://localhost:5173', 'http://localhost:5173'],
      ['https://evil.example', null],
    ] as const) {
      const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: clientId, code: 'none' })
      const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { origin }, body })
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed)
    }
  })

  test('a login that is not in progress is a problem, not a crash', async () => {
    expect((await fetch(`${issuer}/interaction/unknown`)).status).toBe(400)
    expect((await fetch(`${issuer}/nothing-here`)).status).toBe(404)
  })
})

test('keys made by several at once are the same for all', async () => {
  const shared = await mkdtemp(join(tmpdir(), 'holdfast-iam-'))
  const made = await Promise.all(
    Array.from({ length: 4 }, () => createIdentityProvider({ directory: shared, issuer, clientId, clock, log })),
  )
  expect(new Set(made.map(({ signingKeys }) => signingKeys.keys[0]?.kid)).size).toBe(1)
  await rm(shared, { recursive: true })
})

test('keys are made once, private, and a restart on another port uses them', async () => {
  const { idToken } = (await askForToken()).body
  const restarted = await createIdentityProvider({ directory, issuer: 'http://127.0.0.1:1/iam', clientId, clock, log })
  expect(restarted.signingKeys).toEqual(provider.signingKeys)
  const path = join(directory, 'iam', 'keys.json')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readFile(path, 'utf8')).toContain('"d"')
  const accepting = createEmbeddedIdentityProvider({
    keySet: restarted.signingKeys,
    issuers: ['http://127.0.0.1:1/iam', issuer],
    clientId,
    tokenEndpoint: () => '',
    clock,
  })
  expect(await accepting.exchange({ type: 'id_token', idToken: idToken ?? '' })).toMatchObject({ issuer: embeddedIssuer, subject: 'ada' })
})

test('nothing failed on the way, and nothing was printed past the log', () => {
  expect(failures).toEqual([])
  for (const spy of printed) expect(spy).not.toHaveBeenCalled()
})
