import type { HoldfastError } from './failure.ts'
import { errorCodes } from './operation-table.ts'
import type { Surroundings } from './surroundings.ts'

/** Bounds of trying again. */
export interface RetryBounds {
  /** The first one counts; 1 never tries again. */
  readonly maxAttempts: number
  /** From the first attempt to the beginning of the last. */
  readonly maxTotalMs: number
}

/** - `never-sent`: only what is known not to have happened. - `always`: the same again has the same effect once. */
export type Repeatable = 'never-sent' | 'always'

const firstMs = 200
const longestMs = 5_000

/** A random wait up to a bound that doubles (full jitter), so that those who failed together do not come back together. */
export const backoffMs = (attempt: number, { random }: Surroundings): number => random() * Math.min(longestMs, firstMs * 2 ** (attempt - 1))

/** Whether trying again can help, and cannot do anything twice. */
export function mayRepeat(error: HoldfastError, repeatable: Repeatable): boolean {
  switch (error.code) {
    case 'NETWORK':
    case 'OUTCOME_UNKNOWN':
    case 'IDEMPOTENCY_KEY_IN_FLIGHT':
      return repeatable === 'always'
    case 'ANSWER_UNREADABLE':
      return repeatable === 'always' && (error.status === 429 || error.status >= 500)
    default:
      return error.code in errorCodes && errorCodes[error.code as keyof typeof errorCodes].isRetryable
  }
}

/** How long to wait before the next attempt; `undefined` if this error is the last word. `Retry-After` is waited at least. */
export function waitBeforeNextMs(
  error: HoldfastError,
  repeatable: Repeatable,
  attempt: number,
  elapsedMs: number,
  bounds: RetryBounds,
  surroundings: Surroundings,
): number | undefined {
  if (attempt >= bounds.maxAttempts || !mayRepeat(error, repeatable)) return undefined
  const waitMs = (error.retryAfterSeconds ?? 0) * 1000 + backoffMs(attempt, surroundings)
  return elapsedMs + waitMs > bounds.maxTotalMs ? undefined : waitMs
}
