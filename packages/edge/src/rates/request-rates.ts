import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context, MiddlewareHandler } from 'hono'
import type { EdgeEnv, UserActor } from '../edge-context.ts'
import { addressBlock } from '../ip-address.ts'
import type { RateLimiter, RateState } from './rate-limiter.ts'

/** `null`: no limit. */
export interface RequestRatesParts {
  readonly user: RateLimiter | null
  /** Of requests that nobody is known to have made. */
  readonly address: RateLimiter | null
  /** Of those that trade credentials. */
  readonly auth: RateLimiter | null
}

/** What a request costs: a batch holds several calls. */
export interface RequestCost {
  readonly calls: number
  /** How many of them trade credentials. */
  readonly authCalls: number
}

export interface RequestRates {
  /** Before it is asked who calls. Rejects with `ApplicationError`: `REQUEST_RATE_LIMITED`. */
  admit(context: Context<EdgeEnv>, cost: RequestCost): Promise<void>
  /** Once it is known who calls, once a request. Rejects likewise. */
  admitUser(context: Context<EdgeEnv>, actor: UserActor): Promise<void>
  /** Stands around the doors: counts what turned out to be nobody’s, and says on the answer what is left. */
  readonly around: MiddlewareHandler<EdgeEnv>
}

/**
 * Counts each request for one subject: those that trade credentials and those without a valid token for the client’s address,
 * all others for their user, so that people behind one address do not use up each other’s share. An address whose share is used
 * up is refused before its tokens are checked, which is what costs.
 */
export function createRequestRates({ user, address, auth }: RequestRatesParts): RequestRates {
  return {
    async admit(context, cost) {
      context.set('rates', { cost, states: [] })
      const block = blockOf(context)
      if (block === null) return
      if (auth !== null && cost.authCalls > 0) refuseExceeded(context, await auth.take(block, cost.authCalls))
      if (address === null) return
      const exhausted = await address.isExhausted(block)
      if (exhausted !== null) refuseExceeded(context, exhausted)
    },
    async admitUser(context, actor) {
      if (user !== null) refuseExceeded(context, await user.take(actor.userId, context.get('rates')?.cost.calls ?? 1))
    },
    async around(context, next) {
      await next()
      const rates = context.get('rates')
      const block = blockOf(context)
      if (rates !== undefined && rates.states.length === 0 && address !== null && block !== null && context.get('actor') === undefined)
        rates.states.push(await address.take(block, rates.cost.calls))
      if (rates === undefined || rates.states.length === 0) return
      const { headers } = context.res
      headers.set('RateLimit-Policy', rates.states.map(policyText).join(', '))
      headers.set('RateLimit', rates.states.map(stateText).join(', '))
    },
  }
}

const blockOf = (context: Context<EdgeEnv>): string | null => {
  const address = context.get('client')?.address ?? null
  return address === null ? null : addressBlock(address)
}

/** draft-ietf-httpapi-ratelimit-headers-10: lists of strings with parameters. */
const policyText = ({ policy }: RateState): string => `"${policy.name}";q=${policy.quota};w=${policy.windowSeconds}`
const stateText = ({ policy, remaining, resetSeconds }: RateState): string => `"${policy.name}";r=${remaining};t=${resetSeconds}`

function refuseExceeded(context: Context<EdgeEnv>, state: RateState): void {
  context.get('rates')?.states.push(state)
  if (!state.isExceeded) return
  throw new ApplicationError('REQUEST_RATE_LIMITED', {
    detail: `At most ${state.policy.quota} requests in ${state.policy.windowSeconds} seconds: wait for ${state.resetSeconds} seconds.`,
    retryAfterSeconds: state.resetSeconds,
  })
}
