import { expect, test } from 'vitest'
import { systemClock } from './system-clock.ts'

test('draws as many bytes as were asked for, which nobody else gets or changes', () => {
  for (const length of [0, 1, 18, 64, 65, 5_000]) expect(systemClock.random(length)).toHaveLength(length)
  const draws = Array.from({ length: 1_000 }, () => systemClock.random(16))
  const texts = draws.map((bytes) => Buffer.from(bytes).toString('hex'))
  expect(new Set(texts).size).toBe(draws.length)
  draws[0]?.fill(0)
  expect(draws.slice(1).map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(texts.slice(1))
})
