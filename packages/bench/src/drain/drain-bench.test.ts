import { expect, test } from 'vitest'
import { measuredRatio } from '../measured-ratio.ts'
import { isMet } from './drain-bench.ts'

const creates = { backlog: 'creates', ratio: measuredRatio([0.6, 0.61, 0.2]), operationsPerSecond: 5_000 } as const
const mix = { backlog: 'mix', ratio: measuredRatio([0.45, 0.5, 0.1]), operationsPerSecond: 5_000 } as const

test('the drain is fast enough at its shares of the bare insert and at the rate, each as the median of the rounds', () => {
  expect(isMet([creates, mix].map((good) => ({ ...good, ratio: measuredRatio([good.ratio.median + 0.01]) })))).toBe(true)
  expect(
    isMet([
      { ...creates, ratio: measuredRatio([0.6]) },
      { ...mix, ratio: measuredRatio([0.45]) },
    ]),
  ).toBe(true)
})

test('it is not if either backlog has less than its share, or leaves at less than the rate', () => {
  const good = [
    { ...creates, ratio: measuredRatio([0.6]) },
    { ...mix, ratio: measuredRatio([0.45]) },
  ] as const
  expect(isMet([{ ...good[0], ratio: measuredRatio([0.59, 0.59, 0.9]) }, good[1]])).toBe(false)
  expect(isMet([good[0], { ...good[1], ratio: measuredRatio([0.44, 0.44, 0.9]) }])).toBe(false)
  expect(isMet([{ ...good[0], operationsPerSecond: 4_999 }, good[1]])).toBe(false)
  expect(isMet([good[0], { ...good[1], operationsPerSecond: 4_999 }])).toBe(false)
})
