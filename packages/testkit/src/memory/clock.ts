import type { Clock } from '@holdfast/usecases/ports/clock'
import { seededIntegers } from './seeded-integers.ts'

/** A clock that moves when told; sleeping moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void
}

/** Starts at `now` (milliseconds since 1970); randomness is a fixed sequence from `seed`. */
export function createTestClock(now = Date.UTC(2026, 0, 1), seed = 1): TestClock {
  const start = now
  let time = now
  const next = seededIntegers(seed)
  return {
    now: () => time,
    monotonic: () => time - start,
    advance(ms) {
      time += ms
    },
    async sleep(ms) {
      await new Promise((resolve) => setImmediate(resolve))
      time += ms
    },
    random: (byteLength) => Uint8Array.from({ length: byteLength }, () => next() & 0xff),
  }
}
