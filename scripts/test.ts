import { parseArgs } from 'node:util'
import { judgeBudget, readBudgets } from './testing/budget.ts'
import { runPackageSuites } from './testing/package-suites.ts'
import { countLine, resultTable } from './testing/result-table.ts'
import { runStaticCheck, staticChecks } from './testing/static-checks.ts'
import type { SuiteResult } from './testing/suite-result.ts'
import { countSuite } from './testing/vitest-report.ts'
import { workspacePackages } from './workspace/repository.ts'

const help = `Usage: pnpm test [--quick]

Runs the static checks (${staticChecks.map((check) => check.name).join(', ')}), then every package's tests, two packages at a time.
Fails on a failed test, a skipped test without a reason, a package without tests, and a suite over its
seconds in scripts/test-budgets.json. The last line counts: N passed, N failed, N skipped.

  --quick   leaves out what needs a server or kills something (pnpm test:quick)
  --help    prints this

TEST_DATABASE_URL and TEST_REDIS_URL name servers that the tests may use; without them the tests start their own.
One package alone: pnpm --filter @holdfast/domain test. One file: add its name.
`

/** All of their tests start one. */
const ofWholeServices = ['@holdfast/acceptance', '@holdfast/proofs']
const needsServers = ['**/*.postgres.test.ts', '**/*.embedded.test.ts', '**/*.redis.test.ts', '**/*.fault.test.ts']

const options = readOptions()
if (typeof options === 'string') {
  process.stderr.write(`${options}\n\n${help}`)
  process.exitCode = 2
} else if (options.help === true) process.stdout.write(help)
else process.exitCode = await runEverything(options.quick === true)

/** What is wrong with them, as a sentence, if they are not understood. */
function readOptions(): { readonly quick?: boolean; readonly help?: boolean } | string {
  try {
    return parseArgs({ options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    return (error as Error).message
  }
}

/** Answers the exit code. */
async function runEverything(isQuick: boolean): Promise<number> {
  const startedAt = performance.now()
  const budgets = readBudgets()
  const totalSeconds = isQuick ? budgets.quickTotalSeconds : budgets.totalSeconds
  const secondsSoFar = () => (performance.now() - startedAt) / 1000
  const results: SuiteResult[] = []
  for (const check of staticChecks) results.push(judgeBudget(await runStaticCheck(check, print), budgets))

  const packages = workspacePackages().filter(({ name }) => !isQuick || !ofWholeServices.includes(name))
  const runs = await runPackageSuites(packages, {
    ...(isQuick && {
      filter: ofWholeServices.map((name) => `--filter=!${name}`),
      vitest: ['--passWithNoTests', ...needsServers.flatMap((pattern) => ['--exclude', pattern])],
    }),
    timeoutMs: Math.ceil(Math.max(1, totalSeconds - secondsSoFar()) * 1000),
  })
  for (const run of runs) results.push(judgeBudget(countSuite(run, { mayBeEmpty: isQuick }), budgets))

  const total = secondsSoFar()
  if (total > totalSeconds) {
    const problems = [`took ${total.toFixed(1)} s, over its ${totalSeconds} s`]
    results.push({ name: 'everything', passed: 0, failed: 1, skipped: [], problems, seconds: total })
  }
  print(`\n${resultTable(results, budgets)}`)
  const isGood = results.every((result) => result.failed === 0) && !countLine(results).startsWith('0 passed')
  return isGood ? 0 : 1
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
