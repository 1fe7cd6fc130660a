import type { KeySetState } from '@holdfast/identity/remote-provider'
import { expect, test } from 'vitest'
import { healthChecks } from './health-checks.ts'

const checkOf = (state: KeySetState) =>
  healthChecks({ isSchemaReady: () => true, isDatabaseReachable: () => true, isRedisReachable: null, keySetState: () => state })[
    'identity:keys'
  ]?.()

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

test('there is no such check where the provider is inside', () => {
  const checks = healthChecks({ isSchemaReady: () => true, isDatabaseReachable: () => false, isRedisReachable: null, keySetState: null })
  expect(Object.keys(checks)).toEqual(['database:reachable', 'database:schema'])
})

test.each([
  [true, 'pass'],
  [false, 'warn'],
])('Redis, reachable: %s, is %s: it never fails a service that is right without it', (isReachable, status) => {
  const observed = { isSchemaReady: () => true, isDatabaseReachable: () => true, isRedisReachable: () => isReachable, keySetState: null }
  expect(healthChecks(observed)['redis:reachable']?.()).toMatchObject({ status, observedValue: isReachable })
})
