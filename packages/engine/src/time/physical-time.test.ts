import { createTestClock } from '@holdfast/testkit/clock'
import { expect, test } from 'vitest'
import { createPhysicalTime } from './physical-time.ts'

const start = Date.UTC(2026, 0, 1)

/** A wall clock that steps, over a monotonic one that does not. */
function steppingClock() {
  const clock = createTestClock(start)
  let step = 0
  return { ...clock, now: () => clock.now() + step, step: (ms: number) => void (step += ms) }
}

test('before the first contact it is the wall clock', () => {
  const clock = steppingClock()
  const time = createPhysicalTime(clock)
  clock.step(90_000)
  expect([time.now(), time.isKnown(), time.skewMs()]).toEqual([start + 90_000, false, 0])
})

test('after a contact it is the database’s clock and the monotonic time since, whatever the wall clock does', () => {
  const clock = steppingClock()
  const time = createPhysicalTime(clock)
  time.learn(start + 400)
  clock.advance(1_000)
  clock.step(-86_400_000)
  expect([time.now(), time.isKnown()]).toEqual([start + 1_400, true])
  expect(time.skewMs()).toBe(-86_400_400)
})

test.each([
  [400, false, false],
  [600, true, false],
  [-600, true, false],
  [61_000, true, true],
  [-61_000, true, true],
])('a skew of %i ms is worth a warning: %s; unbearable: %s', (skew, isSkewed, isUnbearable) => {
  const clock = steppingClock()
  const time = createPhysicalTime(clock)
  time.learn(start)
  clock.step(skew)
  expect([time.isSkewed(), time.isUnbearable()]).toEqual([isSkewed, isUnbearable])
})
