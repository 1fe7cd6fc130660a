import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
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

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    storage: { type: 'string', default: 'embedded' },
    failures: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
const [cases, seed] = [Number(values.cases), Number(values.seed)]
const { storage } = values
if (values.help) process.stdout.write(help)
else if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed) || (storage !== 'embedded' && storage !== 'postgres')) {
  process.stderr.write(help)
  process.exitCode = 2
} else {
  process.stdout.write(`seed ${seed}\n`)
  let service: RunningService | undefined
  try {
    service = await startService({ storage, env: { RATE_LIMIT_USER: '0', RATE_LIMIT_ADDRESS: '0', RATE_LIMIT_AUTH: '0' } })
    const begunAt = performance.now()
    const report = await runFuzz({ origin: service.origin, pid: service.pid, cases, seed, maxFailures: Number(values.failures) })
    process.stdout.write(`${fuzzReportText(report)}\nin ${((performance.now() - begunAt) / 1000).toFixed(1)} s\n`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  } finally {
    await service?.dispose()
  }
}
