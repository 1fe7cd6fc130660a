import { afterEach, describe, expect, test } from 'vitest'
import { createRemoteIdentityProvider, type RemoteIdentityProvider } from './identity-provider.openid.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'
import { fakeProvider, silentLog } from './testing/fake-provider.ts'
import { memoryKeySetStore } from './testing/memory-key-set-store.ts'
import { signingKey } from './testing/signing-key.ts'

const issuer = 'https://login.example'
const key = await signingKey('one')
const grant = { type: 'authorization_code', code: 'the code', codeVerifier: 'v'.repeat(43), redirectUri: 'https://app.example/cb' } as const

const providers: RemoteIdentityProvider[] = []
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.close()))
})

function setUp(clientSecret?: string) {
  const clock = adjustableClock()
  const pages = fakeProvider(issuer)
  pages.publish(key.publicKey)
  const store = memoryKeySetStore()
  const parts = { issuer, clientId: 'hold fast', clientSecret, clock, log: silentLog, fetch: pages.fetch, store }
  const provider = createRemoteIdentityProvider(parts)
  providers.push(provider)
  const iat = clock.now() / 1000
  const answer = (body: unknown, status = 200) => pages.answers.set('/token', () => Response.json(body, { status }))
  return { pages, provider, answer, claims: { iss: issuer, aud: 'hold fast', sub: 'ada', iat, exp: iat + 60 } }
}

describe('an authorization code', () => {
  test('is redeemed once, with its verifier, and the ID token is checked like any other', async () => {
    const { pages, provider, answer, claims } = setUp()
    answer({ id_token: await key.sign(claims) })
    expect(await provider.exchange(grant)).toEqual({ issuer, subject: 'ada', authenticatedAt: claims.iat * 1000 })
    const { form, headers } = pages.tokenRequest()
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'authorization_code',
      code: 'the code',
      code_verifier: 'v'.repeat(43),
      redirect_uri: 'https://app.example/cb',
      client_id: 'hold fast',
    })
    expect(headers).not.toHaveProperty('authorization')
    answer({ id_token: await key.sign({ ...claims, aud: 'other' }) })
    await expect(provider.exchange(grant)).rejects.toMatchObject({ code: 'AUTH_GRANT_REJECTED' })
  })

  test('of a client with a secret goes with it, in the way that the provider takes', async () => {
    for (const methods of [undefined, ['client_secret_basic', 'client_secret_post'], ['client_secret_post']]) {
      const { pages, provider, answer, claims } = setUp('s&cret:')
      pages.metadata.token_endpoint_auth_methods_supported = methods
      answer({ id_token: await key.sign(claims) })
      await provider.exchange(grant)
      const { form, headers } = pages.tokenRequest()
      const isInBody = methods?.length === 1
      expect(form.get('client_secret')).toBe(isInBody ? 's&cret:' : null)
      const basic = `Basic ${Buffer.from('hold+fast:s%26cret%3A').toString('base64')}`
      expect(headers.authorization).toBe(isInBody ? undefined : basic)
    }
  })

  test.each<[string, unknown, number, string]>([
    ['invalid_grant', { error: 'invalid_grant', error_description: 'the code' }, 400, 'AUTH_GRANT_REJECTED'],
    ['invalid_client', { error: 'invalid_client' }, 401, 'AUTH_GRANT_REJECTED'],
    ['no ID token', { access_token: 'a' }, 200, 'AUTH_GRANT_REJECTED'],
    ['an ID token that is none', { id_token: 7 }, 200, 'AUTH_GRANT_REJECTED'],
    ['an empty answer', null, 200, 'AUTH_GRANT_REJECTED'],
    ['a server error', {}, 502, 'AUTH_PROVIDER_UNAVAILABLE'],
    ['too many requests', {}, 429, 'AUTH_PROVIDER_UNAVAILABLE'],
  ])('answered with %s is a plain error that repeats nothing', async (_, body, status, code) => {
    const { provider, answer } = setUp()
    answer(body, status)
    const error = await provider.exchange(grant).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, cause: undefined })
    expect((error as Error).message).not.toContain('the code is')
    expect((error as Error).message).not.toContain('v'.repeat(43))
  })

  test('is not sent again where the provider does not answer', async () => {
    const { pages, provider } = setUp()
    pages.answers.set('/token', () => Promise.reject(new TypeError('fetch failed')))
    await expect(provider.exchange(grant)).rejects.toMatchObject({ code: 'AUTH_PROVIDER_UNAVAILABLE' })
    expect(pages.countOf('/token')).toBe(1)
  })
})
