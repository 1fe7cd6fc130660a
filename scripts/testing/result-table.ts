import type { Budgets } from './budget.ts'
import type { SuiteResult } from './suite-result.ts'

/** The end of a test run as text: a row for each suite, what was skipped and why, what failed; last the count alone. */
export function resultTable(results: readonly SuiteResult[], budgets: Budgets): string {
  const header = ['suite', 'passed', 'failed', 'skipped', 'seconds', 'budget']
  const rows = results.map(({ name, passed, failed, skipped, seconds }) =>
    [name, passed, failed, skipped.length, seconds.toFixed(1), budgets.seconds[name] ?? 'none'].map(String),
  )
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')
  const skipped = results.flatMap((result) => result.skipped.map(({ test, reason }) => `skipped: ${result.name}: ${test}: ${reason}`))
  const failed = results.flatMap((result) => result.problems.map((problem) => `failed: ${result.name}: ${problem}`))
  return [line(header), ...rows.map(line), '', ...skipped, ...failed, '', countLine(results)].join('\n')
}

/** `N passed, N failed, N skipped`, which CI reads. */
export function countLine(results: readonly SuiteResult[]): string {
  const sum = (count: (result: SuiteResult) => number) => results.reduce((total, result) => total + count(result), 0)
  return `${sum((one) => one.passed)} passed, ${sum((one) => one.failed)} failed, ${sum((one) => one.skipped.length)} skipped`
}
