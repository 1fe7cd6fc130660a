import { expect, test } from 'vitest'
import { isMet } from './backlog-bench.ts'

const operations = 1_000_000
const answer = { count: operations, growthBytes: 0, highestGrowthBytes: 99_000_000, openedMs: 1_000, checkedMs: 8_999, cpuMs: 20_000 }
const good = { operations, filled: answer, started: answer }

test('a backlog is cheap while its memory stays below the limit at every look, and a start over it below ten seconds in all', () => {
  expect(isMet(good)).toBe(true)
  expect(isMet({ ...good, filled: { ...answer, highestGrowthBytes: 100_000_000 } })).toBe(false)
  expect(isMet({ ...good, started: { ...answer, openedMs: 1_001 } })).toBe(false)
})

test('it is not met when a record is missing after the filling or after the start', () => {
  expect(isMet({ ...good, filled: { ...answer, count: operations - 1 } })).toBe(false)
  expect(isMet({ ...good, started: { ...answer, count: operations - 1 } })).toBe(false)
})
