import type { Clock } from '@holdfast/usecases/ports/clock'

/** How long to wait between attempts, in milliseconds: up to `baseMs` at first, doubling up to `capMs`. */
export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** 2^30 times any base is beyond every cap; a count of attempts may grow without end. */
const maxDoublings = 30

/**
 * Exponential backoff with full jitter: `random · min(cap, base · 2^attempt)`, so that those who failed together do not come back
 * together. Source: Marc Brooker, “Exponential Backoff and Jitter”, AWS Architecture Blog, 2015.
 *
 * `attempt` counts from 0; `random` is in [0, 1). Answers milliseconds in [0, `capMs`).
 */
export function backoffMs({ baseMs, capMs }: Backoff, attempt: number, random: number): number {
  const doublings = Math.max(0, Math.min(attempt, maxDoublings))
  return random * Math.min(capMs, baseMs * 2 ** doublings)
}

/** A number in [0, 1) from the clock's randomness, even to 32 bits. */
export function randomFraction(clock: Clock): number {
  return new DataView(clock.random(4).slice().buffer).getUint32(0) / 2 ** 32
}
