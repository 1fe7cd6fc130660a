import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readKeptSeeds } from './kept-seeds.ts'
import { portDefectNames, portDefects, type PortDefect } from './port-defects.ts'
import { simulate, type SimulationResult } from './simulate.ts'

const seedCount = 200
const replayedCount = 20

/** A defect that so many histories do not show would not be found by the command either. */
const seedsForDefect = 80

async function keepsItsWord(seed: number): Promise<SimulationResult> {
  const result = await simulate(seed)
  expect(result.violation, `pnpm simulate --seed ${seed} --trace`).toBeNull()
  return result
}

test('kept seeds keep every promise', { timeout: 120_000 }, async () => {
  for (const { seed } of readKeptSeeds()) await keepsItsWord(seed)
})

test(`${seedCount} new seeds keep every promise`, { timeout: 120_000 }, async () => {
  const from = randomInt(2 ** 31)
  const sums = { committed: 0, drained: 0, deadLetters: 0, processes: 0 }
  for (let seed = from; seed < from + seedCount; seed++) {
    const { counts } = await keepsItsWord(seed)
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += counts[key]
  }
  // The histories hold what they are for.
  expect(sums.committed).toBeGreaterThan(1_000)
  expect(sums.drained).toBeGreaterThan(1_000)
  expect(sums.deadLetters).toBeGreaterThan(10)
  expect(sums.processes).toBeGreaterThan(seedCount)
})

test(`one seed is one run, bit for bit: ${replayedCount} run twice`, { timeout: 60_000 }, async () => {
  const hashes = new Set<string>()
  for (let seed = 1; seed <= replayedCount; seed++) {
    const [once, again] = [await keepsItsWord(seed), await simulate(seed)]
    expect(again).toEqual(once)
    hashes.add(once.traceHash)
  }
  expect(hashes.size).toBe(replayedCount)
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
