import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { clientConnection, type ProxyNetwork } from './client-connection.ts'
import type { EdgeEnv } from './edge-context.ts'

const loopback: readonly ProxyNetwork[] = [
  { address: '127.0.0.0', prefixLength: 8 },
  { address: '::1', prefixLength: 128 },
]
const inner: readonly ProxyNetwork[] = [
  { address: '10.0.0.0', prefixLength: 8 },
  { address: '2001:db8:aa::', prefixLength: 48 },
]

async function clientOf(
  peer: string | undefined,
  headers: Record<string, string> = {},
  trusted: readonly ProxyNetwork[] = [...loopback, ...inner],
) {
  const app = new Hono<EdgeEnv>().use(clientConnection(trusted)).get('/', (context) => context.json(context.get('client')))
  const response = await app.request('/', { headers }, { incoming: { socket: { remoteAddress: peer } } })
  return (await response.json()) as { address: string | null; scheme: string; isLocal: boolean }
}

describe('without a trusted proxy', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
    ['::ffff:203.0.113.9', '203.0.113.9', false],
    ['::1', '::1', true],
    ['2001:DB8:0:0::1', '2001:db8::1', false],
    ['fe80::1%eth0', 'fe80::1', false],
    [undefined, null, false],
  ])('the peer %s is the client', async (peer, address, isLocal) => {
    expect(await clientOf(peer, {}, [])).toEqual({ address, scheme: 'http', isLocal })
  })

  test.each([
    { forwarded: 'for=192.0.2.1;proto=https' },
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-proto': 'https' },
    { 'x-real-ip': '127.0.0.1' },
    { via: '1.1 proxy' },
  ])('what it says of others is not read, but makes it nobody’s own: %j', async (headers) => {
    expect(await clientOf('203.0.113.9', headers)).toEqual({ address: '203.0.113.9', scheme: 'http', isLocal: false })
    expect(await clientOf('127.0.0.1', headers, inner)).toEqual({ address: '127.0.0.1', scheme: 'http', isLocal: false })
  })
})

describe('behind trusted proxies', () => {
  test.each<[string, Record<string, string>, string, string]>([
    ['one', { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' }, '192.0.2.1', 'https'],
    ['one, by the standard', { forwarded: 'for=192.0.2.1;proto=https;host=x' }, '192.0.2.1', 'https'],
    ['one, which the client told lies', { 'x-forwarded-for': '127.0.0.1, 10.0.0.1, 192.0.2.1' }, '192.0.2.1', 'http'],
    [
      'one, which the client told lies by the standard',
      { forwarded: 'for=127.0.0.1, For="192.0.2.1:99" ; Proto=HTTPS' },
      '192.0.2.1',
      'https',
    ],
    ['two', { 'x-forwarded-for': 'nonsense, 192.0.2.1, 10.0.0.1', 'x-forwarded-proto': 'http, https, http' }, '192.0.2.1', 'https'],
    ['two that name one scheme', { 'x-forwarded-for': '192.0.2.1, 10.0.0.1', 'x-forwarded-proto': 'https' }, '192.0.2.1', 'https'],
    ['nothing but proxies', { 'x-forwarded-for': '10.0.0.2, 10.0.0.1' }, '10.0.0.2', 'http'],
    ['an address of IPv6', { 'x-forwarded-for': '2001:DB8::7, 2001:db8:aa::1' }, '2001:db8::7', 'http'],
    ['an address of IPv6 with a port', { forwarded: 'for="[2001:db8::7]:4711"' }, '2001:db8::7', 'http'],
    ['IPv4 in IPv6', { 'x-forwarded-for': '192.0.2.1, ::ffff:10.0.0.1' }, '192.0.2.1', 'http'],
    ['an address with a port', { 'x-forwarded-for': '192.0.2.1:4711' }, '192.0.2.1', 'http'],
    ['both headers that agree', { forwarded: 'for=192.0.2.1;proto=https', 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1', 'https'],
    ['both headers that do not', { forwarded: 'for=198.51.100.1', 'x-forwarded-for': '192.0.2.1' }, '127.0.0.1', 'http'],
    ['one that hides its client', { forwarded: 'for=198.51.100.1, for=_hidden;proto=https' }, '127.0.0.1', 'https'],
    ['one whose proxy hides', { forwarded: 'for=198.51.100.1, for=unknown, for=10.0.0.1' }, '10.0.0.1', 'http'],
    ['one that says nothing', {}, '127.0.0.1', 'http'],
    ['an address with a zone', { 'x-forwarded-for': 'fe80::1%eth0' }, '127.0.0.1', 'http'],
    ['an address that is none', { 'x-forwarded-for': '192.0.2.256' }, '127.0.0.1', 'http'],
    ['an address with a leading zero', { 'x-forwarded-for': '192.0.2.010' }, '127.0.0.1', 'http'],
    ['an empty list', { 'x-forwarded-for': ' , ' }, '127.0.0.1', 'http'],
    ['no address', { forwarded: 'proto=https' }, '127.0.0.1', 'https'],
    ['a header that ends early', { forwarded: 'for=192.0.2.1;' }, '192.0.2.1', 'http'],
    ['a list with gaps', { forwarded: ', for=192.0.2.1;;proto=https ,,' }, '192.0.2.1', 'https'],
    ['an open quote', { forwarded: 'for=192.0.2.1, for="192.0.2.1' }, '127.0.0.1', 'http'],
    ['a header that is long', { 'x-forwarded-for': `${'192.0.2.1,'.repeat(500)}192.0.2.1` }, '127.0.0.1', 'http'],
    ['an unknown scheme', { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'gopher' }, '192.0.2.1', 'http'],
  ])('%s', async (_, headers, address, scheme) => {
    expect(await clientOf('127.0.0.1', headers)).toEqual({ address, scheme, isLocal: false })
  })

  test('a header of many spaces is read at once', async () => {
    const startedAt = performance.now()
    expect((await clientOf('127.0.0.1', { forwarded: `a${' '.repeat(4_000)}"` })).address).toBe('127.0.0.1')
    expect(performance.now() - startedAt).toBeLessThan(100)
  })
})
