import { createHmac } from 'node:crypto'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { SharedRateKey, SharedRates } from '@holdfast/usecases/ports/shared-rates'
import type { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { openGatedRedis } from './gated-redis.ts'

const commandTimeoutMs = 250

export interface RedisSharedRates extends SharedRates {
  close(): Promise<void>
}

export interface RedisSharedRatesOptions {
  readonly url: string
  readonly clock: Clock
  /** The same at all instances: the names of the counts are sealed with it, so that Redis holds no addresses. */
  readonly secret: Uint8Array
  /** For tests: the first part of every key. */
  readonly prefix?: string
}

/** The counts of `ports/shared-rates.ts` in Redis: one integer for each, which Redis itself removes at the end of its window. Away, it is not asked. */
export function openRedisSharedRates({ url, clock, secret, prefix = '' }: RedisSharedRatesOptions): RedisSharedRates {
  const gated = openGatedRedis({ url, clock, prefix, name: 'holdfast-rates', commandTimeoutMs })
  const counters = new Map<string, RateLimiterRedis>()

  const counterOf = (redis: Redis, { policy, windowSeconds }: SharedRateKey): RateLimiterRedis => {
    const known = counters.get(policy)
    if (known !== undefined) return known
    const made = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `rate:${policy}`,
      // The limit is judged by the instance (`packages/edge`); here it is counted.
      points: Number.MAX_SAFE_INTEGER,
      duration: windowSeconds,
      // Fail now rather than in a queue.
      rejectIfRedisNotReady: true,
    })
    counters.set(policy, made)
    return made
  }
  const sealed = (subject: string): string => createHmac('sha256', secret).update(subject).digest('base64url')

  return {
    async add(key, points) {
      const { consumedPoints, msBeforeNext } = await gated.call((redis) => counterOf(redis, key).penalty(sealed(key.subject), points))
      return { count: consumedPoints, remainingMs: msBeforeNext }
    },
    close: () => gated.close(),
  }
}
