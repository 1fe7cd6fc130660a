import { createTestClock } from '@holdfast/testkit/clock'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs, randomFraction } from './backoff.ts'

const backoff = { baseMs: 100, capMs: 5_000 }

test('waits up to a bound that doubles until the cap', () => {
  expect([0, 1, 2, 5, 6, 1e9].map((attempt) => backoffMs(backoff, attempt, 0.5))).toEqual([50, 100, 200, 1_600, 2_500, 2_500])
})

test('is between nothing and the cap, whatever the attempt', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const waitMs = backoffMs(backoff, attempt, random)
      expect(waitMs).toBeGreaterThanOrEqual(0)
      expect(waitMs).toBeLessThan(backoff.capMs)
    }),
  )
})

test('a fraction of chance is even, and uses four bytes even of a part of a larger buffer', () => {
  const clock = createTestClock()
  const fractions = Array.from({ length: 2_000 }, () => randomFraction(clock))
  expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true)
  expect(fractions.reduce((sum, fraction) => sum + fraction) / 2_000).toBeCloseTo(0.5, 1)
  const random = () => Uint8Array.of(1, 2, 0x80, 0, 0, 0, 9).subarray(2, 6)
  expect(randomFraction({ ...clock, random })).toBe(0.5)
})
