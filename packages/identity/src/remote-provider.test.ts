import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@holdfast/usecases/ports/log'
import { afterEach, describe, expect, test } from 'vitest'
import { createRemoteIdentityProvider, type RemoteIdentityProvider } from './identity-provider.openid.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'
import { fakeProvider } from './testing/fake-provider.ts'
import { memoryKeySetStore } from './testing/memory-key-set-store.ts'
import { signingKey, type SigningKey } from './testing/signing-key.ts'

const issuer = 'https://login.example'
const discovery = '/.well-known/openid-configuration'
const [first, second, stranger] = [await signingKey('first'), await signingKey('second'), await signingKey('stranger')]
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const unavailable = { code: 'AUTH_PROVIDER_UNAVAILABLE', retryAfterSeconds: 2 }
const rejected = { code: 'AUTH_GRANT_REJECTED' }

const providers: RemoteIdentityProvider[] = []
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.close()))
})

function setUp({ clock = adjustableClock(), store = memoryKeySetStore(), isDown = false } = {}) {
  const pages = fakeProvider(issuer)
  pages.publish(first.publicKey)
  pages.setDown(isDown)
  const warned: string[] = []
  const log: Log = {
    debug() {},
    info() {},
    warn: (message) => warned.push(message),
    error: (message) => warned.push(message),
    child: () => log,
  }
  const provider = createRemoteIdentityProvider({ issuer, clientId: 'holdfast', clock, log, fetch: pages.fetch, store })
  providers.push(provider)
  const idTokenBy = (key: SigningKey) => {
    const iat = clock.now() / 1000
    return key.sign({ iss: issuer, aud: 'holdfast', sub: 'ada', iat, exp: iat + 60 })
  }
  const login = async (key: SigningKey = first) => provider.exchange({ type: 'id_token', idToken: await idTokenBy(key) })
  /** Lets time go by in steps, and what is due at each happen. */
  const pass = async (ms: number, stepMs = Math.min(ms, minuteMs)) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs)
      await quiet()
    }
  }
  return { clock, pages, store, provider, warned, idTokenBy, login, pass }
}

/** Until what was started has asked its stand-ins and read their answers: nothing here waits for real time. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('the keys of a provider elsewhere', () => {
  test('are loaded at the start, once for all who wait, and kept', async () => {
    const { pages, provider, login } = setUp()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    pages.answers.set('/jwks', () => held.then(() => Response.json({ keys: [first.publicKey] })))
    expect(provider.keySetState()).toEqual({ keys: 'loading', ageMs: null, problem: null })
    const logins = Array.from({ length: 20 }, () => login())
    await sleep(50)
    release()
    await Promise.all(logins)
    await login()
    expect(pages.requests.map(({ url }) => url)).toEqual([issuer + discovery, `${issuer}/jwks`])
    expect(pages.requests.every(({ request }) => request.redirect === 'error' && request.signal instanceof AbortSignal)).toBe(true)
    expect(provider.keySetState()).toEqual({ keys: 'fresh', ageMs: 0, problem: null })
  })

  test('are loaded again every five minutes or so, whoever logs in, until it is closed', async () => {
    const { pages, provider, login, pass } = setUp()
    await quiet()
    await pass(4.4 * minuteMs, 6_000)
    expect(pages.countOf('/jwks')).toBe(1)
    await pass(1.2 * minuteMs, 6_000)
    expect(pages.countOf('/jwks')).toBe(2)
    await pass(hourMs)
    const { length } = pages.requests
    expect(length / 2).toBeGreaterThanOrEqual(11)
    expect(length / 2).toBeLessThanOrEqual(16)
    await login()
    await provider.close()
    await pass(hourMs)
    expect(pages.requests).toHaveLength(length)
  })

  test('closing ends a load that is under way', async () => {
    const { pages, provider } = setUp()
    pages.answers.set(discovery, stalled(pages))
    await quiet()
    await provider.close()
    expect(pages.requests).toHaveLength(1)
  })

  test('a new key is found by one reload; a flood of unknown keys costs one reload in 30 seconds, not one a request', async () => {
    const { clock, pages, login } = setUp()
    await login()
    pages.publish(first.publicKey, second.publicKey)
    clock.advance(30_000)
    expect(await login(second)).toMatchObject({ subject: 'ada' })
    for (let call = 0; call < 100; call += 1) await expect(login(stranger)).rejects.toMatchObject(rejected)
    expect(pages.countOf('/jwks')).toBe(2)
    clock.advance(30_000)
    await Promise.all(Array.from({ length: 100 }, () => expect(login(stranger)).rejects.toMatchObject(rejected)))
    expect(pages.countOf('/jwks')).toBe(3)
    pages.setDown(true)
    clock.advance(30_000)
    await Promise.all(Array.from({ length: 100 }, () => expect(login(stranger)).rejects.toMatchObject(rejected)))
    expect(pages.countOf(discovery)).toBe(4)
    expect(await login(second)).toMatchObject({ subject: 'ada' })
  })

  test('a key that was withdrawn is no longer taken after the next reload', async () => {
    const { pages, login, pass } = setUp()
    await login()
    pages.publish(second.publicKey)
    expect(await login(first)).toMatchObject({ subject: 'ada' })
    await pass(6 * minuteMs)
    await expect(login(first)).rejects.toMatchObject(rejected)
  })

  test('serve for a day of outage, then none do; it is said twice, and mends by itself', async () => {
    const { pages, provider, warned, login, pass } = setUp()
    await login()
    pages.setDown(true)
    await pass(hourMs)
    expect(await login()).toMatchObject({ subject: 'ada' })
    expect(provider.keySetState()).toEqual({
      keys: 'stale',
      ageMs: expect.any(Number),
      problem: expect.stringContaining('could not be asked'),
    })
    await pass(22.9 * hourMs)
    expect(await login()).toMatchObject({ subject: 'ada' })
    expect(warned).toHaveLength(1)
    await pass(1.1 * hourMs)
    await expect(login()).rejects.toMatchObject(unavailable)
    expect(provider.keySetState()).toMatchObject({ keys: 'none', problem: expect.any(String) })
    expect(warned).toEqual([expect.stringMatching(/last good ones serve/), expect.stringMatching(/logins are refused/)])
    pages.setDown(false)
    await pass(34_000)
    expect(provider.keySetState()).toEqual({ keys: 'fresh', ageMs: expect.any(Number), problem: null })
    expect(await login()).toMatchObject({ subject: 'ada' })
  })

  test('in an outage they are asked for every 30 seconds or so, though nobody logs in', async () => {
    const { pages, pass } = setUp({ isDown: true })
    await pass(hourMs, 1_000)
    expect(pages.countOf(discovery)).toBeGreaterThanOrEqual(3_600 / 34)
    expect(pages.countOf(discovery)).toBeLessThanOrEqual(1 + 3_600 / 27)
  })

  test('in an outage from the start, attempts are two seconds apart', async () => {
    const { clock, pages, provider, login } = setUp({ isDown: true })
    for (let call = 0; call < 5; call += 1) await expect(login()).rejects.toMatchObject(unavailable)
    expect(pages.requests).toHaveLength(1)
    expect(provider.keySetState()).toMatchObject({ keys: 'none', ageMs: null })
    clock.advance(2_000)
    pages.setDown(false)
    expect(await login()).toMatchObject({ subject: 'ada' })
  })

  test('after an outage, all who need the same load wait for it again', async () => {
    const { clock, pages, login } = setUp({ isDown: true })
    await expect(login()).rejects.toMatchObject(unavailable)
    clock.advance(2_000)
    pages.setDown(false)
    await login()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    pages.answers.set('/jwks', () => held.then(() => Response.json({ keys: [second.publicKey] })))
    clock.advance(30_000)
    const logins = Array.from({ length: 20 }, () => login(second))
    const outcomes = Promise.allSettled(logins)
    await sleep(50)
    release()
    for (const { status } of await outcomes) expect(status).toBe('fulfilled')
    expect(pages.countOf('/jwks')).toBe(2)
  })

  test('a provider that stalls is given up after two seconds', async () => {
    const { clock, pages, provider, idTokenBy } = setUp()
    pages.answers.set(discovery, stalled(pages))
    const grant = { type: 'id_token', idToken: await idTokenBy(first) } as const
    const outcome = expect(provider.exchange(grant)).rejects.toMatchObject(unavailable)
    await quiet()
    clock.advance(2_000)
    await outcome
    expect(provider.keySetState().problem).toBe(`${issuer}${discovery} gave no whole answer in 2000 ms`)
  })

  test.each<[string, string, (pages: ReturnType<typeof fakeProvider>) => void]>([
    ['a document of another issuer', 'another issuer', ({ metadata }) => (metadata.issuer = 'https://evil.example')],
    ['no key address', 'jwks_uri', ({ metadata }) => (metadata.jwks_uri = undefined)],
    ['a key address without TLS', 'jwks_uri', ({ metadata }) => (metadata.jwks_uri = 'http://login.example/jwks')],
    ['a token address that is a file', 'token_endpoint', ({ metadata }) => (metadata.token_endpoint = 'file:///etc/passwd')],
    ['no keys', 'no keys', ({ publish }) => publish()],
    ['keys that are none', 'no keys', ({ answers }) => answers.set('/jwks', () => Response.json({ keys: ['x'] }))],
    ['a server error', '500', ({ answers }) => answers.set('/jwks', () => Response.json({ keys: [first.publicKey] }, { status: 500 }))],
    ['no JSON', 'JSON object', ({ answers }) => answers.set('/jwks', () => new Response('<html>'))],
    ['a JSON list', 'JSON object', ({ answers }) => answers.set('/jwks', () => Response.json([first.publicKey]))],
    [
      'more than 256 KiB',
      '262144',
      ({ answers }) => answers.set('/jwks', () => Response.json({ keys: [first.publicKey], x: 'x'.repeat(262_144) })),
    ],
  ])('a set is not taken from %s; the last good one stays', async (_, says, spoil) => {
    const spoilt = setUp()
    spoil(spoilt.pages)
    await expect(spoilt.login()).rejects.toMatchObject(unavailable)
    expect([spoilt.provider.keySetState().problem, spoilt.store.kept]).toEqual([expect.stringContaining(says), undefined])
    const healthy = setUp()
    await healthy.login()
    spoil(healthy.pages)
    await healthy.pass(6 * minuteMs)
    expect(healthy.provider.keySetState()).toMatchObject({ keys: 'stale', problem: expect.stringContaining(says) })
    expect(await healthy.login()).toMatchObject({ subject: 'ada' })
  })
})

describe('over a restart', () => {
  async function restarted(downForMs: number, change: (store: ReturnType<typeof memoryKeySetStore>) => void = () => {}) {
    const before = setUp()
    await before.login()
    await before.provider.close()
    change(before.store)
    before.clock.advance(downForMs)
    const startMs = before.clock.now()
    return setUp({ clock: adjustableClock(startMs), store: before.store, isDown: true })
  }

  test('with the provider down, the kept keys serve until they are a day old', async () => {
    const { pages, provider, login, pass } = await restarted(23 * hourMs)
    expect(await login()).toMatchObject({ subject: 'ada' })
    expect(pages.requests).toHaveLength(1)
    expect(provider.keySetState()).toMatchObject({ keys: 'stale', ageMs: 23 * hourMs })
    await expect(provider.exchange({ type: 'authorization_code', code: 'c', codeVerifier: 'v', redirectUri: 'r' })).rejects.toMatchObject(
      unavailable,
    )
    expect(pages.countOf('/token')).toBe(1)
    await pass(hourMs + minuteMs)
    await expect(login()).rejects.toMatchObject(unavailable)
  })

  test('and none that are older', async () => {
    const { login } = await restarted(25 * hourMs)
    await expect(login()).rejects.toMatchObject(unavailable)
  })

  test('a clock that was set back makes them count from now', async () => {
    const { login, pass } = await restarted(-48 * hourMs)
    expect(await login()).toMatchObject({ subject: 'ada' })
    await pass(24 * hourMs + minuteMs, hourMs)
    await expect(login()).rejects.toMatchObject(unavailable)
  })

  test('those of another issuer do not serve', async () => {
    const { login } = await restarted(0, (store) => {
      if (store.kept !== undefined) store.kept = { ...store.kept, issuer: 'https://evil.example' }
    })
    await expect(login()).rejects.toMatchObject(unavailable)
  })

  test('a store that fails costs a line in the log and nothing else', async () => {
    const store = memoryKeySetStore()
    store.isBroken = true
    const { warned, login } = setUp({ store })
    expect(await login()).toMatchObject({ subject: 'ada' })
    await quiet()
    expect(warned).toEqual([expect.stringMatching(/could not be read/), expect.stringMatching(/were not kept/)])
  })
})

function stalled(pages: ReturnType<typeof fakeProvider>): () => Promise<Response> {
  return () => {
    const { signal } = pages.requests.at(-1)?.request ?? {}
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  }
}
