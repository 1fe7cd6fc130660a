import { expect, test } from 'vitest'
import { measuredRatio, quantile } from './measured-ratio.ts'

test('a quantile lies between its neighbours, whatever the order of the values', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([7], 0.99)).toBe(7)
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9)
})

test('one round that was disturbed does not move the result', () => {
  expect(measuredRatio([0.8, 0.82, 0.81, 0.79, 9])).toMatchObject({ median: 0.81, lowQuartile: 0.8, highQuartile: 0.82, rounds: 5 })
})

test('nothing measured is an error', () => {
  expect(() => measuredRatio([])).toThrow('Nothing was measured')
})
