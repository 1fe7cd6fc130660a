import type { Actor } from '@holdfast/usecases/ports/actor'
import type { ClientConnection } from './client-connection.ts'
import type { RateState } from './rates/rate-limiter.ts'
import type { RequestCost } from './rates/request-rates.ts'
import type { TraceContext } from './trace-context.ts'

/** Who a checked access token stands for. */
export type UserActor = Extract<Actor, { kind: 'user' }>

/** What stands before the doors, as a Hono environment: what it leaves on the context for those after it. */
export interface EdgeEnv {
  Variables: {
    /** Set by `requestId`, which comes first. */
    requestId: string
    trace: TraceContext
    /** Set by `clientConnection`, which comes early. */
    client?: ClientConnection
    /** Set by the door once it knows; the access log says it. */
    operation?: string
    /** Set by `authenticate`, once it is asked and the token holds. */
    actor?: UserActor
    /** Set by `RequestRates.admit`: what the request costs, and how those stand whom it was counted for. */
    rates?: { readonly cost: RequestCost; readonly states: RateState[] }
  }
}
