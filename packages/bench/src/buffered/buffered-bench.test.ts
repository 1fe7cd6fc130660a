import { expect, test } from 'vitest'
import { measuredRatio } from '../measured-ratio.ts'
import { isMet } from './buffered-bench.ts'

const good = { perSecond: measuredRatio([5_000, 5_100, 900]), p99Ms: 40, bareP99Ms: 1, refused: 0 }

test('buffered writes are fast enough at the rate, as the median of the turns, and at one of the two latencies', () => {
  expect(isMet(good)).toBe(true)
  expect(isMet({ ...good, p99Ms: 60, bareP99Ms: 20 })).toBe(true)
  expect(isMet({ ...good, p99Ms: 60, bareP99Ms: 19.9 })).toBe(false)
  expect(isMet({ ...good, p99Ms: 40.1 })).toBe(false)
  expect(isMet({ ...good, perSecond: measuredRatio([4_999, 4_999, 9_000]) })).toBe(false)
})

test('they are not if one write was answered otherwise', () => {
  expect(isMet({ ...good, refused: 1 })).toBe(false)
})
