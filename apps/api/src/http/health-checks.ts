import type { HealthCheck } from '@holdfast/edge/health'
import type { KeySetState } from '@holdfast/identity/remote-provider'
import { bufferHealthChecks, type ObservedBuffer } from './buffer-health-checks.ts'

export interface Observed extends ObservedBuffer {
  isSchemaReady(): boolean
  isDatabaseReachable(): boolean
  /** How much later this machine’s wall clock is than the database’s, in milliseconds, and whether that is worth a warning. */
  clockSkewMs(): number
  isClockSkewed(): boolean
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
      status: canBuffer(observed) ? 'warn' : 'fail',
      observedValue: false,
      output: 'The database does not answer: check DATABASE_URL and the server.',
      affectedEndpoints: everything,
    }
  },
  'database:schema': () => {
    const isReady = observed.isSchemaReady()
    if (isReady) return { status: 'pass', observedValue: true }
    return {
      status: canBuffer(observed) ? 'warn' : 'fail',
      observedValue: false,
      output: 'The schema is not there yet: it is made once the database answers.',
      affectedEndpoints: everything,
    }
  },
  'clock:skew': () => skewCheck(observed),
  ...bufferHealthChecks(observed),
  ...(observed.isRedisReachable !== null && { 'redis:reachable': redisCheck(observed.isRedisReachable) }),
  ...(observed.keySetState !== null && { 'identity:keys': keySetCheck(observed.keySetState) }),
})

/** Whether a write would be kept on this instance’s disk. */
function canBuffer(observed: ObservedBuffer): boolean {
  const level = observed.bufferLevel()
  return level.isAccepting && !level.hasFailed
}

/** Whether a write could be durably accepted now: by the database, or by the buffer until the database is back. */
export const isAccepting = (observed: Observed): boolean =>
  (observed.isSchemaReady() && observed.isDatabaseReachable()) || canBuffer(observed)

/**
 * Whether callers are to be told that the service is degraded: writes are or were answered as buffered and are not applied yet, but for
 * those that wait for a row that is not there; or something is away. What is kept aside for the operator, and how full the buffer is,
 * changes no answer.
 */
export function isDegraded(observed: Observed): boolean {
  const { count, hasFailed } = observed.bufferLevel()
  if (count > observed.parked() || hasFailed || observed.gate() !== 'closed') return true
  if (!observed.isSchemaReady() || !observed.isDatabaseReachable() || observed.isRedisReachable?.() === false) return true
  const keys = observed.keySetState?.().keys
  return keys === 'stale' || keys === 'none'
}

/** Never `fail`: all times are the database’s, but for those before the first contact. */
function skewCheck(observed: Observed): HealthCheck {
  const known = { observedValue: Math.round(observed.clockSkewMs()), observedUnit: 'ms' }
  if (!observed.isClockSkewed()) return { status: 'pass', ...known }
  const output =
    'This machine’s clock is not the database’s: have NTP set both. From 60 s on, edits without If-Match are refused while the database is away.'
  return { status: 'warn', ...known, output }
}

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
