import { createHealth } from '@holdfast/edge/health'
import type { KeySetState } from '@holdfast/identity/remote-provider'
import type { BufferLevel } from '@holdfast/usecases/ports/command-buffer'
import { describe, expect, test } from 'vitest'
import { healthChecks, isAccepting, isDegraded, type Observed } from './health-checks.ts'

const now = 1_800_000_000_000
const empty: BufferLevel = {
  count: 0,
  bytes: 0,
  countLimit: 1_000,
  bytesLimit: 100_000,
  deadLetters: 0,
  quarantined: 0,
  isAccepting: true,
  hasFailed: false,
}
const observedWith = (level: Partial<BufferLevel> = {}, changed: Partial<Observed> = {}): Observed => ({
  isSchemaReady: () => true,
  isDatabaseReachable: () => true,
  clockSkewMs: () => 0,
  isClockSkewed: () => false,
  isRedisReachable: null,
  keySetState: null,
  now: () => now,
  bufferLevel: () => ({ ...empty, ...level }),
  bufferNotices: () => [],
  gate: () => 'closed',
  parked: () => 0,
  oldestPendingAt: () => null,
  drainIdleMs: () => 1_000,
  ...changed,
})
const checkOf = (state: KeySetState) => healthChecks(observedWith({}, { keySetState: () => state }))['identity:keys']?.()

test.each<[KeySetState, string, RegExp | undefined]>([
  [{ keys: 'loading', ageMs: null, problem: null }, 'pass', undefined],
  [{ keys: 'fresh', ageMs: 1_000, problem: null }, 'pass', undefined],
  [{ keys: 'stale', ageMs: 1_000, problem: 'x answered 500' }, 'warn', /OIDC_ISSUER.*24 h old.*\(x answered 500\)$/],
  [{ keys: 'none', ageMs: null, problem: 'x answered 500' }, 'warn', /OIDC_ISSUER.*logins are refused/],
])('the key set %j is %s', (state, status, output) => {
  const check = checkOf(state)
  expect(check).toMatchObject({ status, ...(state.ageMs !== null && { observedValue: 1, observedUnit: 's' }) })
  if (output === undefined) expect(check).not.toHaveProperty('output')
  else expect(check?.output).toMatch(output)
})

test('a buffer that was opened with a notice says so', () => {
  const check = healthChecks(observedWith({}, { bufferNotices: () => ['It was salvaged.'] }))['buffer:disk']?.()
  expect(check).toMatchObject({ status: 'warn', output: 'It was salvaged.' })
})

test('there is no such check where the provider is inside', () => {
  const names = Object.keys(healthChecks(observedWith()))
  expect(names).toContain('database:reachable')
  expect(names.filter((name) => /^(identity|redis):/.test(name))).toEqual([])
})

test.each([
  [true, 'pass'],
  [false, 'warn'],
])('Redis, reachable: %s, is %s: it never fails a service that is right without it', (isReachable, status) => {
  expect(healthChecks(observedWith({}, { isRedisReachable: () => isReachable }))['redis:reachable']?.()).toMatchObject({
    status,
    observedValue: isReachable,
  })
})

/** The checks that do not pass, by name. */
const unwell = (observed: Observed) =>
  Object.fromEntries(
    Object.entries(healthChecks(observed))
      .map(([name, check]) => [name, check().status] as const)
      .filter(([, status]) => status !== 'pass'),
  )
const away: Partial<Observed> = { isDatabaseReachable: () => false, gate: () => 'open' }

describe('the buffer', () => {
  test.each<[string, Partial<BufferLevel>, Partial<Observed>, Record<string, string>]>([
    ['empty', {}, {}, {}],
    ['less than half full', { count: 499, bytes: 49_999 }, {}, {}],
    ['half full by count', { count: 500 }, {}, { 'buffer:operations': 'warn' }],
    ['half full by bytes', { count: 1, bytes: 50_000 }, {}, { 'buffer:bytes': 'warn' }],
    ['full while it drains', { count: 1_000, isAccepting: false }, {}, { 'buffer:operations': 'warn' }],
    ['on a disk that refused', { hasFailed: true }, {}, { 'buffer:disk': 'fail' }],
    ['with a dead letter', { deadLetters: 1 }, {}, { 'buffer:deadLetters': 'warn' }],
    ['with a record that cannot be read', { quarantined: 1 }, {}, { 'buffer:quarantined': 'warn' }],
    ['behind an open gate', { count: 1 }, { gate: () => 'open' }, { 'database:gate': 'warn' }],
    ['behind a gate that is tried', { count: 1 }, { gate: () => 'half-open' }, { 'database:gate': 'warn' }],
    [
      'with work that waited for 24 h',
      { count: 1 },
      { gate: () => 'open', oldestPendingAt: () => now - 86_400_000 },
      { 'database:gate': 'warn' },
    ],
    [
      'with work that waited for longer',
      { count: 1 },
      { gate: () => 'open', oldestPendingAt: () => now - 86_400_001 },
      { 'database:gate': 'warn', 'buffer:oldestPending': 'fail' },
    ],
    ['that drains', { count: 9 }, { oldestPendingAt: () => now - 900_000 }, {}],
    [
      'that does not drain although it could',
      { count: 9 },
      { oldestPendingAt: () => now - 900_000, drainIdleMs: () => 300_001 },
      { 'drain:lastProgress': 'warn' },
    ],
    ['with nothing but what waits for its row', { count: 9 }, { parked: () => 9, drainIdleMs: () => 900_000 }, {}],
    ['of a machine with another time', {}, { clockSkewMs: () => -501, isClockSkewed: () => true }, { 'clock:skew': 'warn' }],
    ['that has just begun to wait', { count: 9 }, { oldestPendingAt: () => now - 1, drainIdleMs: () => 900_000 }, {}],
  ])('%s', (_, level, changed, expected) => {
    expect(unwell(observedWith(level, changed))).toEqual(expected)
  })

  test('is read from its disk once for all checks', () => {
    let reads = 0
    const oldestPendingAt = () => {
      reads += 1
      return now - 900_000
    }
    expect(unwell(observedWith({ count: 9 }, { oldestPendingAt }))).toEqual({})
    expect(reads).toBe(1)
  })

  test.each([
    [500, /50 %.*BUFFER_MAX_OPERATIONS/],
    [800, /80 %.*before writes are refused/],
    [950, /95 %.*now\.$/],
  ])('%d of 1,000 asks for its haste, and says the limit', (count, output) => {
    const check = healthChecks(observedWith({ count }))['buffer:operations']?.()
    expect(check).toMatchObject({ observedValue: count, observedUnit: 'operations', limit: 1_000, output: expect.stringMatching(output) })
  })

  test('a database that is away is no failure while writes are buffered', () => {
    expect(unwell(observedWith({}, away))).toEqual({ 'database:reachable': 'warn', 'database:gate': 'warn' })
    expect(unwell(observedWith({ isAccepting: false }, { ...away, isSchemaReady: () => false }))).toEqual({
      'database:reachable': 'fail',
      'database:schema': 'fail',
      'database:gate': 'warn',
    })
  })
})

test.each<[string, Partial<BufferLevel>, Partial<Observed>, boolean]>([
  ['all is well', {}, {}, true],
  ['the database is away', {}, away, true],
  ['the schema is not there yet', {}, { isSchemaReady: () => false }, true],
  ['the database is away and the buffer is full', { isAccepting: false }, away, false],
  ['the database is away and the disk refused', { hasFailed: true }, away, false],
  ['only the disk refused', { hasFailed: true, isAccepting: false }, {}, true],
])('%s: a write could be durably accepted', (_, level, changed, expected) => {
  expect(isAccepting(observedWith(level, changed))).toBe(expected)
})

test.each<[string, Partial<BufferLevel>, Partial<Observed>, 'ok' | 'degraded']>([
  ['all is well', {}, {}, 'ok'],
  ['a write waits', { count: 1 }, {}, 'degraded'],
  ['a write waits for its row alone', { count: 1 }, { parked: () => 1 }, 'ok'],
  ['the gate is open', {}, { gate: () => 'open' }, 'degraded'],
  ['the gate is tried', {}, { gate: () => 'half-open' }, 'degraded'],
  ['Redis is away', {}, { isRedisReachable: () => false }, 'degraded'],
  ['the keys are old', {}, { keySetState: () => ({ keys: 'stale', ageMs: 1, problem: null }) }, 'degraded'],
  ['the keys are new', {}, { keySetState: () => ({ keys: 'fresh', ageMs: 1, problem: null }) }, 'ok'],
  ['the schema is not there yet', {}, { isSchemaReady: () => false }, 'degraded'],
  ['the disk refused', { hasFailed: true }, {}, 'degraded'],
  ['only dead letters and unreadable records are kept', { deadLetters: 3, quarantined: 1 }, {}, 'ok'],
])('%s: callers are told %4$s', (_, level, changed, expected) => {
  const observed = observedWith(level, changed)
  const health = createHealth({
    clock: { now: () => now },
    version: '1',
    checks: healthChecks(observed),
    isAccepting: () => isAccepting(observed),
    isDegraded: () => isDegraded(observed),
  })
  health.enter('ready')
  expect(health.serviceStatus().status).toBe(expected)
})
