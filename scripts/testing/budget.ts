import { readRepositoryFile } from '../workspace/repository.ts'
import type { SuiteResult } from './suite-result.ts'

export type Budgets = {
  /** For the whole command, from its start. */
  readonly totalSeconds: number
  readonly quickTotalSeconds: number
  /** By suite: how long its process may run, start-up included, beside one other suite on two cores. */
  readonly seconds: Readonly<Record<string, number>>
}

const budgetsPath = 'scripts/test-budgets.json'

export function readBudgets(): Budgets {
  return JSON.parse(readRepositoryFile(budgetsPath)) as Budgets
}

/** Adds a failure to a suite that took longer than it may, or for which nobody set a budget. */
export function judgeBudget(result: SuiteResult, budgets: Budgets): SuiteResult {
  const budget = budgets.seconds[result.name]
  if (budget !== undefined && result.seconds <= budget) return result
  const problem =
    budget === undefined ? `has no budget: add it to ${budgetsPath}` : `took ${result.seconds.toFixed(1)} s, over its ${budget} s`
  return { ...result, failed: result.failed + 1, problems: [...result.problems, problem] }
}
