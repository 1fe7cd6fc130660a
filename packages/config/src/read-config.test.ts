import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readConfig } from './read-config.ts'
import type { Environment } from './read-settings.ts'

const key = 'a-key-of-thirty-two-bytes-or-more'
const otherKey = 'b-key-of-thirty-two-bytes-or-more'
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://holdfast:c4n4ry@db:5432/holdfast',
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'holdfast',
  SECRET_KEYS: `${key},${otherKey}`,
  PSEUDONYM_KEYS: key,
}
const directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

const configOf = (env: Environment) => {
  const read = readConfig(env)
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.config
}
const problemsOf = (env: Environment) => {
  const read = readConfig(env)
  return 'problems' in read ? read.problems : []
}

describe('what is given', () => {
  test('nothing: everything embedded, on this machine only', () => {
    expect(configOf({})).toEqual({
      isProduction: false,
      host: '127.0.0.1',
      port: 3000,
      operationsPort: null,
      publicUrl: null,
      trustedProxies: [],
      corsOrigins: [],
      rateLimits: { user: 600_000, address: 30_000, auth: 6_000 },
      dataDirectory: resolve('.data'),
      database: { mode: 'embedded', directory: resolve('.data/database') },
      redisUrl: null,
      buffer: {
        maxBytes: 268_435_456,
        maxOperations: 200_000,
        userShare: 1,
        expiryMs: 86_400_000,
        expiryMode: 'reachable',
        replayHorizonMs: 3_024_000_000,
        syncIntervalMs: 30_000,
      },
      identity: { mode: 'embedded' },
      keys: { mode: 'stored' },
      logLevel: 'info',
    })
  })

  test('a whole production', () => {
    const config = configOf({
      ...production,
      HOST: '0.0.0.0',
      PORT: '80',
      OPERATIONS_PORT: '9000',
      PUBLIC_URL: 'https://tasks.example.org/base/',
      REDIS_URL: 'rediss://holdfast:secret@cache.example.org:6380/1',
    })
    expect(config).toMatchObject({
      isProduction: true,
      operationsPort: 9000,
      publicUrl: 'https://tasks.example.org/base',
      database: { mode: 'postgres', url: production.DATABASE_URL },
      redisUrl: 'rediss://holdfast:secret@cache.example.org:6380/1',
      identity: { mode: 'openid', issuer: 'https://id.example.org', clientId: 'holdfast', clientSecret: null },
      keys: { mode: 'given', secretKeys: production.SECRET_KEYS, pseudonymKeys: key },
    })
  })

  test.each([
    ['https://Tasks.Example.org:443/', 'https://tasks.example.org'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['https://example.org/teams/holdfast_1.0~a-b/', 'https://example.org/teams/holdfast_1.0~a-b'],
    ['https://example.org/x/../holdfast', 'https://example.org/holdfast'],
  ])('the public address %s', (PUBLIC_URL, publicUrl) => {
    expect(configOf({ PUBLIC_URL }).publicUrl).toBe(publicUrl)
  })

  test('origins, and limits of requests', () => {
    const config = configOf({ CORS_ORIGINS: 'https://a.example.org, http://[::1]:5173,https://a.example.org', RATE_LIMIT_USER: '0' })
    expect(config).toMatchObject({ corsOrigins: ['https://a.example.org', 'http://[::1]:5173'], rateLimits: { user: 0, auth: 6_000 } })
  })

  test.each([
    ['*', 'name each origin'],
    ['https://*.example.org', 'name each origin'],
    ['https://a.example.org/', 'write https://a.example.org for'],
    ['https://A.example.org:443', 'write https://a.example.org for'],
    ['https://a.example.org/path', 'write https://a.example.org for'],
    ['null', '"null" is none'],
    ['a.example.org', 'is none'],
    ['https://a.example.org,,', '"" is none'],
  ])('no origins: %s', (CORS_ORIGINS, problem) => {
    expect(problemsOf({ CORS_ORIGINS })).toEqual([expect.stringMatching(/^CORS_ORIGINS /)])
    expect(problemsOf({ CORS_ORIGINS })[0]).toContain(problem)
  })

  test('the buffer, in the units of the code', () => {
    const given = {
      BUFFER_MAX_BYTES: '1048576',
      BUFFER_MAX_OPERATIONS: '10',
      BUFFER_USER_SHARE: '.25',
      BUFFER_EXPIRY_HOURS: '1056',
      BUFFER_EXPIRY_MODE: 'absolute',
      REPLAY_HORIZON_DAYS: '44',
      SYNC_INTERVAL_SECONDS: '1',
    }
    expect(configOf(given).buffer).toEqual({
      maxBytes: 1_048_576,
      maxOperations: 10,
      userShare: 0.25,
      expiryMs: 1_056 * 3_600_000,
      expiryMode: 'absolute',
      replayHorizonMs: 44 * 86_400_000,
      syncIntervalMs: 1_000,
    })
  })

  test('one user may fill the buffer of an embedded database, and a tenth of it before a server', () => {
    expect(configOf({ DATABASE_URL: production.DATABASE_URL }).buffer.userShare).toBe(0.1)
    expect(configOf({ BUFFER_USER_SHARE: '0.5' }).buffer.userShare).toBe(0.5)
  })

  test.each([
    ['BUFFER_MAX_BYTES', '1048575'],
    ['BUFFER_MAX_BYTES', '256 MiB'],
    ['BUFFER_MAX_BYTES', '1099511627777'],
    ['BUFFER_MAX_OPERATIONS', '9'],
    ['BUFFER_USER_SHARE', '0'],
    ['BUFFER_USER_SHARE', '0.0'],
    ['BUFFER_USER_SHARE', '1.1'],
    ['BUFFER_USER_SHARE', '10%'],
    ['BUFFER_EXPIRY_HOURS', '0'],
    ['BUFFER_EXPIRY_HOURS', '1.5'],
    ['BUFFER_EXPIRY_MODE', 'never'],
    ['REPLAY_HORIZON_DAYS', '45'],
    ['REPLAY_HORIZON_DAYS', '0'],
    ['SYNC_INTERVAL_SECONDS', '0'],
    ['SYNC_INTERVAL_SECONDS', '3601'],
  ])('no bounds: %s is %s', (name, text) => {
    expect(problemsOf({ [name]: text })).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
  })

  test('what waits must not outlive the time in which it may be applied', () => {
    const problems = [expect.stringMatching(/^REPLAY_HORIZON_DAYS is shorter than BUFFER_EXPIRY_HOURS/)]
    expect(problemsOf({ BUFFER_EXPIRY_HOURS: '841' })).toEqual(problems)
    expect(problemsOf({ BUFFER_EXPIRY_HOURS: '25', REPLAY_HORIZON_DAYS: '1' })).toEqual(problems)
    expect(problemsOf({ BUFFER_EXPIRY_HOURS: '840' })).toEqual([])
  })

  test.each(['-1', '1.5', '1e9', '100000001', 'none'])('no limit: %s', (RATE_LIMIT_AUTH) => {
    expect(problemsOf({ RATE_LIMIT_AUTH })).toEqual([expect.stringMatching(/^RATE_LIMIT_AUTH must be a number of requests/)])
  })

  test('proxies: addresses, networks, and this machine', () => {
    expect(configOf({ TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,192.0.2.7 ,2001:db8::/32,::2,128.0.0.0/1' }).trustedProxies).toEqual([
      { address: '127.0.0.0', prefixLength: 8 },
      { address: '::1', prefixLength: 128 },
      { address: '10.0.0.0', prefixLength: 8 },
      { address: '192.0.2.7', prefixLength: 32 },
      { address: '2001:db8::', prefixLength: 32 },
      { address: '::2', prefixLength: 128 },
      { address: '128.0.0.0', prefixLength: 1 },
    ])
  })

  test.each([
    ['a name', 'proxy.internal'],
    ['a gap', '10.0.0.1,,10.0.0.2'],
    ['a short address', '10.1'],
    ['a leading zero', '010.0.0.1'],
    ['an address with a port', '10.0.0.1:80'],
    ['an address with a zone', 'fe80::1%eth0'],
    ['brackets', '[::1]'],
    ['a word in capitals', 'Loopback'],
    ['two prefixes', '10.0.0.0/8/8'],
    ['a prefix with a sign', '10.0.0.0/+8'],
    ['no prefix', '10.0.0.0/'],
    ['a mask', '10.0.0.0/255.0.0.0'],
    ['a prefix that is too long', '10.0.0.0/33'],
    ['a prefix that is too long for IPv6', '::1/129'],
    ['everybody', '0.0.0.0/0'],
    ['everybody by IPv6', '::/0'],
    ['bits beyond the prefix', '10.0.0.1/8'],
    ['bits beyond the prefix of IPv6', '2001:db8::1/64'],
    ['IPv4 in IPv6', '::ffff:10.0.0.1'],
    ['IPv4 in IPv6, in hexadecimal', '::FFFF:a00:0/104'],
    ['too many', Array(101).fill('10.0.0.1').join(',')],
  ])('no proxies: %s', (_, TRUSTED_PROXIES) => {
    expect(problemsOf({ TRUSTED_PROXIES })).toEqual([expect.stringMatching(/^TRUSTED_PROXIES (?:must|has|names) .*\.$/)])
  })

  test('an embedded database in production, asked for by name', () => {
    expect(configOf({ ...production, DATABASE_URL: '', EMBEDDED_DATABASE: '1' }).database.mode).toBe('embedded')
  })

  test('an issuer is kept to the letter, with the slash at its end', () => {
    expect(configOf({ ...production, OIDC_ISSUER: 'https://id.example.org/' }).identity).toMatchObject({
      issuer: 'https://id.example.org/',
    })
  })

  test('the whole object is frozen', () => {
    const config = configOf(production)
    for (const part of [config, config.database, config.identity, config.keys]) expect(Object.isFrozen(part)).toBe(true)
  })

  test('empty and blank are unset; white space around a value is dropped', () => {
    expect(configOf({ PORT: '', DATABASE_URL: '  ', OIDC_ISSUER: '', LOG_LEVEL: ' warn\n' })).toMatchObject({
      port: 3000,
      logLevel: 'warn',
    })
  })

  test('keys from a file', () => {
    const file = join(directory, 'keys')
    writeFileSync(file, `${otherKey},${key}\n`)
    expect(configOf({ ...production, SECRET_KEYS: undefined, SECRET_KEYS_FILE: file }).keys).toMatchObject({
      secretKeys: `${otherKey},${key}`,
    })
  })

  test.each(['localhost', '127.0.0.1', '127.3.2.1', '::1'])('the embedded identity provider on %s', (HOST) => {
    expect(configOf({ HOST }).identity.mode).toBe('embedded')
  })

  test('the embedded identity provider for a network, asked for by name', () => {
    expect(configOf({ HOST: '0.0.0.0', EMBEDDED_IDENTITY: '1' }).identity.mode).toBe('embedded')
  })
})

describe('problems', () => {
  test.each<[string, Environment, string]>([
    ['a host with a port', { HOST: 'localhost:80/x' }, 'HOST must be a host name'],
    ['a word as a port', { PORT: 'http' }, 'PORT must be a port number'],
    ['a port beyond the last', { PORT: '65536' }, 'PORT must be a port number'],
    ['a port with a sign', { OPERATIONS_PORT: '-1' }, 'OPERATIONS_PORT must be a port number'],
    ['one port for two', { OPERATIONS_PORT: '3000' }, 'OPERATIONS_PORT is the same as PORT'],
    ['a public URL without scheme', { PUBLIC_URL: 'tasks.example.org' }, 'PUBLIC_URL must be an http:// or https:// URL'],
    ['a public URL with a password', { PUBLIC_URL: 'https://u:p@tasks.example.org' }, 'PUBLIC_URL must be'],
    ['a public URL with a path that must be escaped', { PUBLIC_URL: 'https://example.org/hold fast' }, 'PUBLIC_URL must be'],
    ['a public URL with an escaped path', { PUBLIC_URL: 'https://example.org/hold%20fast' }, 'PUBLIC_URL has a path that'],
    ['a public URL with an empty segment', { PUBLIC_URL: 'https://example.org/a//b' }, 'PUBLIC_URL has a path that'],
    ['a base path of our own', { PUBLIC_URL: 'https://example.org/api/v2' }, 'PUBLIC_URL has a base path that begins like'],
    ['another database', { DATABASE_URL: 'mysql://root@db/x' }, 'DATABASE_URL must have the form postgres://'],
    ['a Redis without its scheme', { REDIS_URL: 'cache:6379' }, 'REDIS_URL must have the form redis://'],
    ['a Redis without a host', { REDIS_URL: 'redis://' }, 'REDIS_URL must have the form redis://'],
    ['two databases', { DATABASE_URL: 'postgres://db/x', EMBEDDED_DATABASE: '1' }, 'EMBEDDED_DATABASE is 1 while DATABASE_URL'],
    ['a flag in words', { EMBEDDED_DATABASE: 'true' }, 'EMBEDDED_DATABASE must be 1 (yes) or 0 (no).'],
    ['an unknown level', { LOG_LEVEL: 'verbose' }, 'LOG_LEVEL must be one of debug, info'],
    ['an unknown environment', { NODE_ENV: 'prod' }, 'NODE_ENV must be development, test or production.'],
    ['an issuer without a client', { OIDC_ISSUER: 'https://id.example.org' }, 'OIDC_CLIENT_ID is needed with OIDC_ISSUER'],
    ['a client without an issuer', { OIDC_CLIENT_ID: 'x' }, 'OIDC_CLIENT_ID has no effect without OIDC_ISSUER'],
    ['a client secret without an issuer', { OIDC_CLIENT_SECRET: 'x' }, 'OIDC_CLIENT_SECRET has no effect'],
    [
      'two providers',
      { OIDC_ISSUER: 'https://id.example.org', OIDC_CLIENT_ID: 'x', EMBEDDED_IDENTITY: '1' },
      'EMBEDDED_IDENTITY is 1 while',
    ],
    ['the embedded provider for everybody', { HOST: '0.0.0.0' }, 'HOST can be reached by others'],
    ['half of the keys', { SECRET_KEYS: key }, 'PSEUDONYM_KEYS and SECRET_KEYS (or SECRET_KEYS_FILE) go together'],
    ['the other half of the keys', { PSEUDONYM_KEYS: key }, 'PSEUDONYM_KEYS and SECRET_KEYS (or SECRET_KEYS_FILE) go together'],
    [
      'a file of keys that is not there',
      { ...production, SECRET_KEYS: '', SECRET_KEYS_FILE: '/nowhere/keys' },
      'SECRET_KEYS_FILE cannot be read (ENOENT)',
    ],
    [
      'a file without end',
      { ...production, SECRET_KEYS: '', SECRET_KEYS_FILE: '/dev/zero' },
      'SECRET_KEYS_FILE is larger than 65536 bytes',
    ],
    ['keys twice over', { ...production, SECRET_KEYS_FILE: '/dev/null' }, 'SECRET_KEYS and SECRET_KEYS_FILE are both set'],
    ['production without a database', { ...production, DATABASE_URL: '' }, 'DATABASE_URL is needed with NODE_ENV=production'],
    [
      'production without a provider',
      { ...production, OIDC_ISSUER: '', OIDC_CLIENT_ID: '' },
      'OIDC_ISSUER is needed with NODE_ENV=production',
    ],
    ['production with the embedded provider', { ...production, EMBEDDED_IDENTITY: '1' }, 'EMBEDDED_IDENTITY must not be 1'],
    ['production over plain HTTP', { ...production, OIDC_ISSUER: 'http://id.example.org' }, 'OIDC_ISSUER must be an https:// URL'],
    ['production without keys', { ...production, SECRET_KEYS: '' }, 'SECRET_KEYS is needed with NODE_ENV=production'],
    ['production without pseudonym keys', { ...production, PSEUDONYM_KEYS: '' }, 'PSEUDONYM_KEYS is needed with NODE_ENV=production'],
  ])('%s', (_, env, problem) => {
    const problems = problemsOf(env)
    expect(problems.filter((line) => line.startsWith(problem))).toHaveLength(1)
    if (env['SECRET_KEYS_FILE'] === undefined) expect(problems).toHaveLength(1)
  })

  test('all at once, one line each, each beginning with a variable', () => {
    const problems = problemsOf({ NODE_ENV: 'production', PORT: 'x', LOG_LEVEL: 'loud' })
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'OIDC_ISSUER',
      'SECRET_KEYS',
      'PSEUDONYM_KEYS',
    ])
    for (const line of problems) expect(line).not.toContain('\n')
  })

  test('never quote a secret', () => {
    const file = join(directory, 'short')
    writeFileSync(file, 'c4n4ry-file')
    const env = {
      ...production,
      DATABASE_URL: 'c4n4ry://user:c4n4ry@db',
      SECRET_KEYS: 'c4n4ry-short',
      SECRET_KEYS_FILE: file,
      PSEUDONYM_KEYS: `c4n4ry-${key},c4n4ry-${key}`,
      OIDC_CLIENT_SECRET: 'c4n4ry'.repeat(1000),
    }
    const text = problemsOf(env).join('\n')
    expect(text).toMatch(/DATABASE_URL must.*SECRET_KEYS key 1 of 1 has 12 bytes.*PSEUDONYM_KEYS holds the same key twice/s)
    expect(text).toMatch(/OIDC_CLIENT_SECRET is longer.*SECRET_KEYS_FILE key 1 of 1 has 11 bytes/s)
    expect(text).not.toContain('c4n4ry')
  })
})
