import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InstanceId } from '../identifiers/identifiers.ts'
import { HybridClock } from './hybrid-clock.ts'
import { counterOf, isStamp, makeStamp, maxCounter, millisecondsOf, stampLength } from './stamp.ts'

const instance = 'abcdefgh' as InstanceId

test('stamps rise whatever the physical clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 2, maxLength: 50 }), (times) => {
      let now = 0
      const clock = new HybridClock(instance, () => now)
      const stamps = times.map((time) => {
        now = time
        return clock.next()
      })
      expect(stamps).toEqual(stamps.toSorted())
      expect(new Set(stamps).size).toBe(stamps.length)
      expect(stamps.every((stamp) => isStamp(stamp) && stamp.length === stampLength)).toBe(true)
    }),
  )
})

test('a stamp is later than every stamp received, also from an instance whose clock is ahead', () => {
  const clock = new HybridClock(instance, () => 1_000)
  const ahead = makeStamp(9_000, 7, 'zzzzzzzz' as InstanceId)
  clock.receive(ahead)
  expect(clock.next() > ahead).toBe(true)
})

test('a full counter borrows the next millisecond', () => {
  const clock = new HybridClock(instance, () => 1_000, makeStamp(1_000, maxCounter, instance))
  const stamp = clock.next()
  expect([millisecondsOf(stamp), counterOf(stamp)]).toEqual([1_001, 0])
})

test('bytes order stamps as time, counter, instance do', () => {
  const parts = fc.tuple(fc.integer({ min: 0, max: 36 ** 9 - 1 }), fc.integer({ min: 0, max: maxCounter }))
  fc.assert(
    fc.property(parts, parts, ([timeA, counterA], [timeB, counterB]) => {
      const isLess = timeA < timeB || (timeA === timeB && counterA < counterB)
      expect(makeStamp(timeA, counterA, instance) < makeStamp(timeB, counterB, instance)).toBe(isLess)
    }),
  )
})
