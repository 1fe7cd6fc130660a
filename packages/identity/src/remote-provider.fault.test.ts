import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { realClock } from '@holdfast/testkit/real-clock'
import { startFaultProxy, type FaultProxy } from '@holdfast/testkit/tcp-proxy'
import { waitUntil } from '@holdfast/testkit/wait-until'
import type { Clock } from '@holdfast/usecases/ports/clock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRemoteIdentityProvider, type RemoteIdentityProvider } from './identity-provider.openid.ts'
import { silentLog } from './testing/fake-provider.ts'
import { memoryKeySetStore } from './testing/memory-key-set-store.ts'
import { signingKey } from './testing/signing-key.ts'

const key = await signingKey('first')

/** The product’s seconds, five times as fast: deadlines and pauses are what they are to each other. */
const speed = 5
const clock: Clock = {
  ...realClock,
  monotonic: () => realClock.monotonic() * speed,
  sleep: (ms, signal) => realClock.sleep(ms / speed, signal),
}
const fetchTimeoutMs = 2_000 / speed
const longestPauseMs = 5_000 / speed

let server: Server
let proxy: FaultProxy
let issuer: string
let provider: RemoteIdentityProvider
/** When the server was asked for anything. */
let askedAt: number[]
beforeEach(async () => {
  askedAt = []
  server = createServer(({ url }, response) => {
    askedAt.push(performance.now())
    const answers: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` },
      '/jwks': { keys: [key.publicKey] },
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[url ?? ''] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await startFaultProxy((server.address() as AddressInfo).port)
  issuer = `http://127.0.0.1:${proxy.port}`
})
afterEach(async () => {
  await provider.close()
  await proxy.stop()
  server.closeAllConnections()
  server.close()
})

/** One login: how long it took, and how it ended. */
async function login(): Promise<{ ms: number; outcome: string }> {
  const iat = Math.floor(Date.now() / 1_000)
  const idToken = await key.sign({ iss: issuer, aud: 'holdfast', sub: 'ada', iat, exp: iat + 60 })
  const before = performance.now()
  const outcome = await provider.exchange({ type: 'id_token', idToken }).then(
    ({ subject }) => subject,
    ({ code }: { code: string }) => code,
  )
  return { ms: performance.now() - before, outcome }
}

test('a provider whose answers are lost from the start costs the first logins one timeout, then one at a time; and it heals', async () => {
  await proxy.mode('hole-replies')
  provider = createRemoteIdentityProvider({ issuer, clientId: 'holdfast', clock, log: silentLog, store: memoryKeySetStore() })
  for (const { ms, outcome } of await Promise.all(Array.from({ length: 20 }, login))) {
    expect(outcome).toBe('AUTH_PROVIDER_UNAVAILABLE')
    expect(ms).toBeLessThan(fetchTimeoutMs + 300)
  }
  expect(askedAt).toHaveLength(1)

  const logins: ReturnType<typeof login>[] = []
  for (let turn = 0; turn < 100; turn++) {
    logins.push(login())
    await realClock.sleep(5)
  }
  const ended = await Promise.all(logins)
  const probes = askedAt.length - 1
  // The first pause is as long as the timeout at most, and the window a little longer.
  expect([1, 2]).toContain(probes)
  expect(ended.filter(({ ms }) => ms > fetchTimeoutMs / 2)).toHaveLength(probes)
  for (const [index, at] of askedAt.slice(1).entries()) expect(at - (askedAt[index] ?? 0)).toBeGreaterThan(fetchTimeoutMs - 20)
  const later = ended.map(({ ms }) => ms).toSorted((a, b) => a - b)
  expect(later[Math.floor(later.length / 2)]).toBeLessThan(10)
  expect(ended.every(({ outcome }) => outcome === 'AUTH_PROVIDER_UNAVAILABLE')).toBe(true)

  await proxy.mode('pass')
  await waitUntil(async () => ((await login()).outcome === 'ada' ? true : undefined), {
    timeoutMs: longestPauseMs + 1_000,
    problem: () => 'No login works',
  })
})

test('a provider that goes away after it was known costs no login anything', async () => {
  provider = createRemoteIdentityProvider({ issuer, clientId: 'holdfast', clock, log: silentLog, store: memoryKeySetStore() })
  expect((await login()).outcome).toBe('ada')
  await proxy.mode('hole')
  const before = proxy.connectionsAccepted
  for (let turn = 0; turn < 50; turn++) expect(await login()).toMatchObject({ outcome: 'ada' })
  expect(proxy.connectionsAccepted).toBe(before)
})
