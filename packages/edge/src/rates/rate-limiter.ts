import type { Clock } from '@holdfast/usecases/ports/clock'
import type { SharedRates } from '@holdfast/usecases/ports/shared-rates'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { knownKeys } from './known-keys.ts'
import { rateSharing } from './rate-sharing.ts'

export interface RatePolicy {
  /** As the `RateLimit` headers name it. */
  readonly name: string
  /** Requests in a window. */
  readonly quota: number
  readonly windowSeconds: number
}

/** How somebody stands to a policy. */
export interface RateState {
  readonly policy: RatePolicy
  readonly remaining: number
  /** Whole seconds until the window ends; at least 1. */
  readonly resetSeconds: number
  readonly isExceeded: boolean
}

export interface RateLimiter {
  /** Counts, and tells whether it was too much. Never rejects, and waits for nobody. */
  take(subject: string, points: number): Promise<RateState>
  /** Whether nothing more may be taken, without counting. */
  isExhausted(subject: string): Promise<RateState | null>
}

export interface RateLimiterParts {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
  /** Where instances share their counts; `null` where this one is alone. */
  readonly shared: SharedRates | null
  /** How many subjects are counted one by one. */
  readonly maxSubjects?: number
}

const defaultMaxSubjects = 50_000

/**
 * Limits requests in fixed windows, each begun by its first request. Every decision is made on the count in this process, which is
 * brought up to that of all instances some hundredths of a second behind: Redis slow or away neither delays nor stops anybody.
 */
export function createRateLimiter(policy: RatePolicy, parts: RateLimiterParts): RateLimiter {
  const { shared, clock, maxSubjects = defaultMaxSubjects } = parts
  const { quota, windowSeconds } = policy
  const local = new RateLimiterMemory({ points: quota, duration: windowSeconds })
  const keyOf = knownKeys(maxSubjects, windowSeconds * 1_000, () => clock.monotonic())
  const share =
    shared === null
      ? null
      : rateSharing({
          add: (subject, points) => shared.add({ policy: policy.name, subject, windowSeconds }, points),
          learned: (subject, { count, remainingMs }) => void local.set(subject, count, Math.max(remainingMs, 1) / 1_000),
          sleep: (ms) => clock.sleep(ms),
        })
  const stateOf = ({ consumedPoints, msBeforeNext }: RateLimiterRes): RateState => ({
    policy,
    remaining: Math.max(0, quota - consumedPoints),
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)),
    isExceeded: consumedPoints > quota,
  })
  return {
    async take(subject, points) {
      const key = keyOf(subject)
      const counted = await local.penalty(key, points)
      share?.(key, points)
      return stateOf(counted)
    },
    async isExhausted(subject) {
      const counted = await local.get(keyOf(subject))
      return counted !== null && counted.consumedPoints >= quota && counted.msBeforeNext > 0
        ? { ...stateOf(counted), isExceeded: true }
        : null
    },
  }
}
