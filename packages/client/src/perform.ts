import type { Access } from './access.ts'
import { HoldfastError } from './failure.ts'
import { operations } from './operation-table.ts'
import { waitBeforeNextMs, type Repeatable, type RetryBounds } from './retry.ts'
import type { SeenWrites } from './seen-writes.ts'
import type { Surroundings } from './surroundings.ts'
import type { Wire } from './wire.ts'

export type OperationName = keyof typeof operations

export interface Bounds extends RetryBounds {
  /** Of one attempt, until its whole answer has arrived. */
  readonly attemptTimeoutMs: number
}

export interface Performed {
  readonly name: OperationName
  readonly input: unknown
  readonly signal: AbortSignal | undefined
  /** How long the service may hold the answer besides. */
  readonly waitSeconds?: number | undefined
}

/** Performs one call: with the token of the moment, again while that is safe and within the bounds. Rejects with `HoldfastError`. */
export type Perform = (call: Performed) => Promise<unknown>

export interface PerformParts {
  readonly wire: Wire
  readonly access: () => Access
  readonly seen: SeenWrites
  readonly bounds: Bounds
  readonly surroundings: Surroundings
}

/** Writes carry a key, and the same refresh token has the same successor. Another exchange may have its effect once only. */
const repeatableOf = (name: OperationName): Repeatable =>
  operations[name].kind === 'exchange' && name !== 'auth.refresh' ? 'never-sent' : 'always'

export function openPerform({ wire, access, seen, bounds, surroundings }: PerformParts): Perform {
  return async ({ name, input, signal, waitSeconds = 0 }) => {
    const { kind, asksForToken } = operations[name]
    const isQuery = kind === 'read' || kind === 'list'

    const attempt = async (token: string | null): Promise<unknown> => {
      const headers = { ...(token !== null && { Authorization: `Bearer ${token}` }), ...(isQuery && seen.headers()) }
      const timeoutMs = bounds.attemptTimeoutMs + waitSeconds * 1000
      const answer = await wire({ name, isQuery, input, headers, timeoutMs, signal })
      seen.learn(answer.headers)
      return answer.output
    }

    /** Once more with another token if this one has expired. */
    const attemptWithToken = async (): Promise<unknown> => {
      const token = asksForToken ? await access().token(signal) : null
      try {
        return await attempt(token)
      } catch (error) {
        if (token === null || !(error instanceof HoldfastError) || error.code !== 'AUTH_TOKEN_EXPIRED') throw error
        const next = await access().renewed(token, signal)
        if (next === null || next === token) throw error
        return attempt(next)
      }
    }

    const startedAt = surroundings.monotonicMs()
    for (let attempts = 1; ; attempts++) {
      try {
        return await attemptWithToken()
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error
        const elapsedMs = surroundings.monotonicMs() - startedAt
        const waitMs = waitBeforeNextMs(error, repeatableOf(name), attempts, elapsedMs, bounds, surroundings)
        if (waitMs === undefined) throw error
        await surroundings.sleep(waitMs, signal)
      }
    }
  }
}
