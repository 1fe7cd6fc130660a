import { randomInt } from 'node:crypto'
import { runCommand, UsageError, wholeNumber } from '@holdfast/testkit/run-command'
import { startService, type RunningService } from '../service.ts'
import { fuzzReportText } from './fuzz-report.ts'
import { runFuzz } from './run-fuzz.ts'

const help = `Usage: pnpm fuzz [--cases 2000] [--seed N] [--storage embedded] [--failures 1]

  Calls every operation of the contract, through both doors of a service that is started for it, with inputs derived from
  the schemas: fitting ones, at their limits, and hostile; and with requests spoiled on the wire. Exit code 1 at the first
  answer that breaks a promise. The same seed makes the same cases.

  --cases     how many (2000)
  --seed      of the cases; else a new one, which is printed
  --failures  how many broken promises are told before it ends (1)
  --storage   embedded, or postgres: an empty database on the server of TEST_DATABASE_URL
`

await runCommand({
  help,
  options: {
    cases: { type: 'string' },
    seed: { type: 'string' },
    storage: { type: 'string', default: 'embedded' },
    failures: { type: 'string' },
  },
  async run({ storage, ...values }) {
    if (storage !== 'embedded' && storage !== 'postgres') throw new UsageError('--storage must be embedded or postgres.')
    const cases = wholeNumber('cases', values.cases, { missing: 2_000, least: 1, most: 100_000_000 })
    const seed = wholeNumber('seed', values.seed, { missing: randomInt(2 ** 31), least: 0, most: 2 ** 31 - 1 })
    const maxFailures = wholeNumber('failures', values.failures, { missing: 1, least: 1, most: 1_000 })
    process.stdout.write(`seed ${seed}\n`)
    let service: RunningService | undefined
    try {
      service = await startService({ storage, env: { RATE_LIMIT_USER: '0', RATE_LIMIT_ADDRESS: '0', RATE_LIMIT_AUTH: '0' } })
      const begunAt = performance.now()
      const report = await runFuzz({ origin: service.origin, pid: service.pid, cases, seed, maxFailures })
      process.stdout.write(`${fuzzReportText(report)}\nin ${((performance.now() - begunAt) / 1000).toFixed(1)} s\n`)
      return true
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`)
      return false
    } finally {
      await service?.dispose()
    }
  },
})
