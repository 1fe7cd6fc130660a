import type { Config } from '@holdfast/config/config'
import { createRateLimiter } from '@holdfast/edge/rate-limiter'
import { createRequestRates, type RequestRates } from '@holdfast/edge/request-rates'
import type { SecretKeys } from '@holdfast/identity/secret-keys'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { SharedRates } from '@holdfast/usecases/ports/shared-rates'

const windowSeconds = 60

interface RequestRatesParts {
  readonly clock: Clock
  readonly secretKeys: SecretKeys
}

/** The limits on requests as configured, counted with the other instances where there is a Redis; closed with the service. */
export async function openRequestRates(
  { rateLimits, redisUrl }: Pick<Config, 'rateLimits' | 'redisUrl'>,
  { clock, secretKeys }: RequestRatesParts,
  opened: AsyncDisposableStack,
): Promise<RequestRates> {
  const hasLimits = Object.values(rateLimits).some((quota) => quota > 0)
  const shared = redisUrl === null || !hasLimits ? null : await openSharedRates(redisUrl, { clock, secretKeys }, opened)
  const limiter = (name: string, quota: number) =>
    quota === 0 ? null : createRateLimiter({ name, quota, windowSeconds }, { clock, shared })
  return createRequestRates({
    user: limiter('user', rateLimits.user),
    address: limiter('address', rateLimits.address),
    auth: limiter('auth', rateLimits.auth),
  })
}

/** Redis’s client is loaded only where there is a Redis. */
async function openSharedRates(url: string, { clock, secretKeys }: RequestRatesParts, opened: AsyncDisposableStack): Promise<SharedRates> {
  const { openRedisSharedRates } = await import('@holdfast/redis/shared-rates.redis')
  const rates = openRedisSharedRates({ url, clock, secret: secretKeys.ringOf('rate-limit')[0].bytes })
  opened.defer(() => rates.close())
  return rates
}
