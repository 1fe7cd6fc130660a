import type { HealthCheck } from '@holdfast/edge/health'
import type { KeySetState } from '@holdfast/identity/remote-provider'

interface Observed {
  isSchemaReady(): boolean
  isDatabaseReachable(): boolean
  /** `null` where there is no Redis. */
  readonly isRedisReachable: (() => boolean) | null
  /** `null` where the identity provider is inside. */
  readonly keySetState: (() => KeySetState) | null
}

const everything = ['/api/v1', '/trpc']

/** What `/health` says of the parts, from what is known: nothing is asked of anybody for it. */
export const healthChecks = (observed: Observed): Readonly<Record<string, () => HealthCheck>> => ({
  'database:reachable': () => {
    const isReachable = observed.isDatabaseReachable()
    if (isReachable) return { status: 'pass', observedValue: true }
    return {
      status: 'fail',
      observedValue: false,
      output: 'The database does not answer: check DATABASE_URL and the server.',
      affectedEndpoints: everything,
    }
  },
  'database:schema': () => {
    const isReady = observed.isSchemaReady()
    if (isReady) return { status: 'pass', observedValue: true }
    return {
      status: 'fail',
      observedValue: false,
      output: 'The schema is not there yet: it is made once the database answers.',
      affectedEndpoints: everything,
    }
  },
  ...(observed.isRedisReachable !== null && { 'redis:reachable': redisCheck(observed.isRedisReachable) }),
  ...(observed.keySetState !== null && { 'identity:keys': keySetCheck(observed.keySetState) }),
})

/** Never `fail`: everything is right without Redis, and seen later. */
const redisCheck = (isReachable: () => boolean) => (): HealthCheck =>
  isReachable()
    ? { status: 'pass', observedValue: true }
    : {
        status: 'warn',
        observedValue: false,
        output:
          'Redis does not answer: check REDIS_URL and the server. Until it does, the writes of other instances are seen within 1 s, and the sessions that they end within 3 s.',
        affectedEndpoints: everything,
      }

/** Never `fail`: writes are taken, and whoever is logged in stays so. */
const keySetCheck = (stateOf: () => KeySetState) => (): HealthCheck => {
  const { keys, ageMs, problem } = stateOf()
  const known = { ...(ageMs !== null && { observedValue: Math.round(ageMs / 1000), observedUnit: 's' }) }
  if (keys === 'fresh' || keys === 'loading') return { status: 'pass', ...known }
  const effect =
    keys === 'stale'
      ? 'The last good keys serve until they are 24 h old; authorization codes cannot be redeemed meanwhile.'
      : 'There are no keys that may be used: logins are refused.'
  return {
    status: 'warn',
    ...known,
    output: `The identity provider’s keys could not be loaded: check OIDC_ISSUER and the provider. ${effect}${problem === null ? '' : ` (${problem})`}`,
    affectedEndpoints: ['/api/v1/auth/login'],
  }
}
