import { describe, expect, test } from 'vitest'
import { readKeptSeeds } from './kept-seeds.ts'
import { portDefectNames, portDefects, type PortDefect } from './port-defects.ts'
import { simulate } from './simulate.ts'

const seedCount = 200
const replayedCount = 20

/** A defect that so many histories do not show would not be found by the command either. */
const seedsForDefect = 80

const keepsItsWord = async (seed: number): Promise<void> => {
  const { violation } = await simulate(seed)
  expect(violation, `pnpm simulate --seed ${seed} --trace`).toBeNull()
}

test('kept seeds keep every promise', { timeout: 120_000 }, async () => {
  for (const { seed } of readKeptSeeds()) await keepsItsWord(seed)
})

test(`${seedCount} seeds keep every promise`, { timeout: 120_000 }, async () => {
  const from = 1
  for (let seed = from; seed < from + seedCount; seed++) await keepsItsWord(seed)
})

test(`one seed is one run, bit for bit: ${replayedCount} run twice`, { timeout: 60_000 }, async () => {
  const hashes = new Set<string>()
  for (let seed = 1; seed <= replayedCount; seed++) {
    const [once, again] = [await simulate(seed), await simulate(seed)]
    expect(again).toEqual(once)
    hashes.add(once.traceHash)
  }
  expect(hashes.size).toBe(replayedCount)
})

test('the histories hold what they are for', { timeout: 60_000 }, async () => {
  const sums = { committed: 0, drained: 0, deadLetters: 0, processes: 0 }
  for (let seed = 1; seed <= 120; seed++) {
    const { counts } = await simulate(seed)
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += counts[key]
  }
  expect(sums.committed).toBeGreaterThan(500)
  expect(sums.drained).toBeGreaterThan(500)
  expect(sums.deadLetters).toBeGreaterThan(5)
  expect(sums.processes).toBeGreaterThan(120)
})

describe('a product that', () => {
  test.each(portDefectNames)('%s breaks a promise', { timeout: 60_000 }, async (name) => {
    const defect: PortDefect = portDefects[name]
    for (let seed = 1; seed <= seedsForDefect; seed++) {
      const { violation } = await simulate(seed, { defect })
      if (violation !== null && defect.breaks.includes(violation.promise)) return
    }
    expect.unreachable(`${seedsForDefect} seeds do not show it`)
  })
})
