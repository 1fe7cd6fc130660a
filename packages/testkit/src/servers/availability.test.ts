import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { allOf, describeWhen, postgresAvailability, redisAvailability } from './availability.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a named server counts as there, so that tests fail rather than skip when it does not answer', () => {
  vi.stubEnv('TEST_DATABASE_URL', 'postgres://127.0.0.1:1/none')
  vi.stubEnv('TEST_REDIS_URL', 'redis://127.0.0.1:1')
  expect(postgresAvailability()).toEqual({ available: true })
  expect(redisAvailability()).toEqual({ available: true })
})

test('without binaries the reason says what to do', () => {
  vi.stubEnv('TEST_DATABASE_URL', '')
  vi.stubEnv('TEST_REDIS_URL', '')
  vi.stubEnv('TEST_POSTGRES_BINARIES', '/nowhere')
  expect(postgresAvailability()).toEqual({ available: false, reason: expect.stringMatching(/\/nowhere\/postgres does not run.*ENOENT/) })
  vi.stubEnv('PATH', '/nowhere')
  expect(redisAvailability()).toEqual({ available: false, reason: expect.stringMatching(/redis-server.*ENOENT.*TEST_REDIS_URL/) })
})

test('all of several are there, or the first that is not says why', () => {
  const missing = (reason: string) => ({ available: false, reason }) as const
  expect(allOf({ available: true }, { available: true })).toEqual({ available: true })
  expect(allOf({ available: true }, missing('no strace'), missing('no root'))).toEqual(missing('no strace'))
})

const ran: string[] = []

describeWhen({ available: true }, 'what is available', () => {
  test('runs', () => {
    ran.push('available')
  })
})

// Reported as skipped, with this reason, in every run: it shows how a skipped suite looks.
describeWhen({ available: false, reason: 'it only shows that a suite without its server does not run' }, 'what is not available', () => {
  beforeAll(() => {
    ran.push('hook')
  })
  test('does not run', () => {
    ran.push('unavailable')
  })
})

test('only what is available ran, and no hook of the rest', () => {
  expect(ran).toEqual(['available'])
})
