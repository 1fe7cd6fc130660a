import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { workspacePackages } from '../workspace/repository.ts'
import { judgeBudget, readBudgets, type Budgets } from './budget.ts'
import { staticChecks } from './static-checks.ts'
import type { SuiteResult } from './suite-result.ts'

const budgets: Budgets = { totalSeconds: 100, quickTotalSeconds: 10, seconds: { domain: 5 } }
const suite: SuiteResult = { name: 'domain', passed: 3, failed: 0, skipped: [], problems: [], seconds: 5 }

test('a suite within its budget stays as it is', () => {
  expect(judgeBudget(suite, budgets)).toBe(suite)
})

test('a suite over its budget, or without one, has failed', () => {
  expect(judgeBudget({ ...suite, seconds: 5.1 }, budgets)).toMatchObject({ passed: 3, failed: 1, problems: ['took 5.1 s, over its 5 s'] })
  expect(judgeBudget({ ...suite, name: 'newcomer' }, budgets)).toMatchObject({ failed: 1 })
})

test('every suite has a budget, every budget a suite, and together they fit into twelve minutes on two cores', () => {
  const { seconds, totalSeconds } = readBudgets()
  const [checks, packages] = [staticChecks.map((check) => check.name), workspacePackages().map(({ folder }) => basename(folder))]
  expect(Object.keys(seconds).toSorted()).toEqual([...checks, ...packages].toSorted())
  expect(totalSeconds).toBeLessThanOrEqual(720)
  const secondsOf = (names: readonly string[]): number => names.reduce((sum, name) => sum + (seconds[name] ?? 0), 0)
  // The checks one after the other; then the packages two at a time, whatever their order: R. L. Graham, “Bounds on Multiprocessing
  // Timing Anomalies”, 1969.
  const longest = Math.max(...packages.map((name) => seconds[name] ?? 0))
  expect(secondsOf(checks) + (secondsOf(packages) - longest) / 2 + longest).toBeLessThanOrEqual(totalSeconds)
})
