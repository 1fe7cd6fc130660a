import type { Clock } from '@holdfast/usecases/ports/clock'

/** A clock that moves when told; sleeping moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void
}

/** Starts at `now` (milliseconds since 1970); randomness is a fixed sequence from `seed`. */
export function createTestClock(now = Date.UTC(2026, 0, 1), seed = 1): TestClock {
  const start = now
  let time = now
  let state = seed
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
    // mulberry32, by Tommy Ettinger: small, and good enough to be different each time.
    random(byteLength) {
      return Uint8Array.from({ length: byteLength }, () => {
        state = (state + 0x6d2b79f5) | 0
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
        return (mixed ^ (mixed >>> 14)) & 0xff
      })
    },
  }
}
