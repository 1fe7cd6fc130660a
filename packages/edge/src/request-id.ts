import { uuidV7 } from '@holdfast/domain/uuid'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { MiddlewareHandler } from 'hono'
import type { EdgeEnv } from './edge-context.ts'
import { readTraceparent, traceparentOf } from './trace-context.ts'

const wellFormed = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Names the request and its place in a trace, for the log, for every problem, and on the answer (`X-Request-Id`,
 * `traceparent`). A well-formed inbound name is kept; anything else is replaced, never refused.
 */
export const requestId =
  (clock: Pick<Clock, 'now' | 'random'>): MiddlewareHandler<EdgeEnv> =>
  async (c, next) => {
    const random = clock.random(18)
    const made = uuidV7(clock.now(), random)
    const inbound = c.req.header('x-request-id')
    const id = inbound !== undefined && wellFormed.test(inbound) ? inbound : made
    const caller = readTraceparent(c.req.header('traceparent')) ?? { traceId: made.replaceAll('-', ''), isSampled: false }
    const trace = { ...caller, spanId: spanIdOf(random.subarray(10)) }
    c.set('requestId', id)
    c.set('trace', trace)
    await next()
    c.res.headers.set('X-Request-Id', id)
    c.res.headers.set('traceparent', traceparentOf(trace))
  }

function spanIdOf(random: Uint8Array): string {
  const hex = Buffer.from(random).toString('hex')
  return /^0+$/.test(hex) ? '0000000000000001' : hex
}
