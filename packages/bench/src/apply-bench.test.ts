import { expect, test } from 'vitest'
import { isMet } from './apply-bench.ts'
import { measuredRatio } from './measured-ratio.ts'

test('the figures are met when the median of every size is within a fifth of the prototypes', () => {
  const good = [
    { action: 'create', ratio: measuredRatio([0.7, 0.71, 0.2]) },
    { action: 'update', ratio: measuredRatio([0.53, 0.6, 0.1]) },
  ] as const
  expect(isMet(good)).toBe(true)
  expect(isMet([...good, { action: 'update', ratio: measuredRatio([0.52, 0.52, 0.9]) }])).toBe(false)
  expect(isMet([...good, { action: 'create', ratio: measuredRatio([0.69, 0.6, 0.9]) }])).toBe(false)
})
