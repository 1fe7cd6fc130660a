import { postgresAvailability } from '@holdfast/testkit/availability'
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startService, type RunningService } from '../service.ts'
import { everyOperation, sampledCases } from './fuzz-cases.ts'
import { fuzzReportText } from './fuzz-report.ts'
import { runFuzz } from './run-fuzz.ts'

const cases = 2_000
/** After the first six tenths, in which caches fill and V8 settles on the size of its heap. */
const maxGrowthBytes = 24 * 1024 * 1024
const testTimeoutMs = 60_000

let service: RunningService
beforeAll(async () => {
  const storage = postgresAvailability().available ? 'postgres' : 'embedded'
  service = await startService({ storage, env: { RATE_LIMIT_USER: '0', RATE_LIMIT_ADDRESS: '0', RATE_LIMIT_AUTH: '0' } })
})
afterAll(() => service?.dispose())

test(
  `${cases} calls, fitting, at their limits, hostile and spoiled, break no promise`,
  async () => {
    const seed = randomInt(2 ** 31)
    console.log(`fuzz: seed ${seed}; repeat it by pnpm fuzz --seed ${seed}`)
    const report = await runFuzz({ origin: service.origin, pid: service.pid, cases, seed })
    console.log(fuzzReportText(report))
    expect(report.cases).toBe(cases)
    const { 5: warm = 0, [report.memory.length - 1]: end = 0 } = report.memory
    expect(end - warm).toBeLessThan(maxGrowthBytes)
    // A fuzz whose calls are all refused finds nothing.
    const succeeded = [...report.answers].reduce((sum, [label, count]) => sum + (/^2\d\d$/.test(label) ? count : 0), 0)
    expect(succeeded).toBeGreaterThan(cases / 4)
    expect(report.tasksKept).toBeGreaterThan(50)
  },
  testTimeoutMs,
)

test('every operation of the contract is called, by a seed the same way', () => {
  const drawn = [...sampledCases(cases, 7)]
  const names = (list: typeof drawn) => list.map(({ named }) => named.name)
  expect(new Set(names(drawn))).toEqual(new Set(everyOperation.map(({ name }) => name)))
  expect(names([...sampledCases(cases, 7)])).toEqual(names(drawn))
})
