import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { drainLimits } from '@holdfast/engine/drain'
import { realClock } from '@holdfast/testkit/real-clock'
import { bareRows, prepareBareInsert } from '../bare-insert.ts'
import { createTask, updateTask } from '../bench-commands.ts'
import { benchDeadlines, fillTables, openBenchDatabase, type BenchDatabase } from '../bench-database.ts'
import { flushMs } from '../buffer/flush-time.ts'
import { inScratchDirectory } from '../buffer/scratch-directory.ts'
import { measuredRatio, quantile, type MeasuredRatio } from '../measured-ratio.ts'
import { openDrainingInstance, type DrainingInstance } from './draining-instance.ts'
import { withFlushingServer } from './flushing-server.ts'

/** What the drain takes at once, and the loop that it is held against too. */
const batchSize = drainLimits.commands
const batchesPerRound = 8
const operationsPerRound = batchSize * batchesPerRound
const filledRows = 100_000
const warmUps = 3
const leastRounds = 15
const mostRounds = 31
const measuredMs = 40_000
const updatesOfTen = 7
const maxKeptTasks = 20_000

/** The least that counts as met: the share of F, and operations a second. */
const targets = { creates: { leastShare: 0.6 }, mix: { leastShare: 0.45 } } as const
const leastPerSecond = 5_000
type Backlog = keyof typeof targets

interface Measurement {
  readonly backlog: Backlog
  readonly ratio: MeasuredRatio
  readonly operationsPerSecond: number
}

const isFastEnough = ({ backlog, ratio, operationsPerSecond }: Measurement): boolean =>
  ratio.median >= targets[backlog].leastShare && operationsPerSecond >= leastPerSecond

/** Whether both kinds of backlog leave the buffer at their share of F, and at the rate. */
export const isMet = (measurements: readonly Measurement[]): boolean => measurements.every(isFastEnough)

/**
 * Measures the drain of a real instance, from a buffer on disk into a real database, beside the bare insert of as many tasks and
 * operations, by turns. Only the drain is timed: reading the buffer, applying, removing from the buffer. Prints a table; resolves
 * with whether the targets are met.
 */
export const benchDrain = (print: (line: string) => void): Promise<boolean> =>
  withFlushingServer(() => inScratchDirectory((directory) => measure(directory, print)))

async function measure(directory: string, print: (line: string) => void): Promise<boolean> {
  const bench = await openBenchDatabase()
  try {
    await fillTables(bench, filledRows)
    const instance = await openDrainingInstance(bench.database, directory, operationsPerRound)
    try {
      const times = await runRounds(bench, instance)
      const measurements = (['creates', 'mix'] as const).map((backlog) => measurementOf(backlog, times[backlog], times.floor))
      printTable(measurements, operationsPerRound / (quantile(times.floor, 0.5) / 1_000), flushMs(directory), print)
      return isMet(measurements)
    } finally {
      await instance.close()
    }
  } finally {
    await bench.drop()
  }
}

/** Milliseconds of each round: of the floor, and of the drain of each backlog. */
async function runRounds(
  bench: BenchDatabase,
  instance: DrainingInstance,
): Promise<Readonly<Record<Backlog | 'floor', readonly number[]>>> {
  const bareInstance = 'benching' as InstanceId
  const bareClock = new HybridClock(bareInstance, () => realClock.now())
  const bareInsert = await prepareBareInsert(bench, bench.database.lanes.direct(0), benchDeadlines.statementMs)
  const insertRound = async (): Promise<number> => {
    const batches = Array.from({ length: batchesPerRound }, () =>
      Array.from({ length: batchSize }, () => bareRows(createTask(), bareClock, bareInstance)),
    )
    return timed(async () => {
      for (const batch of batches) await bareInsert(batch)
    })
  }
  const made: TaskCommand[] = []
  const drainRound = async (commands: readonly TaskCommand[]): Promise<number> => {
    await instance.fill(commands)
    const ms = await timed(() => instance.drain())
    if (made.length < maxKeptTasks) made.push(...commands.filter(({ name }) => name === 'tasks.create'))
    return ms
  }
  const times = { floor: [] as number[], creates: [] as number[], mix: [] as number[] }
  const steps = [
    async () => void times.floor.push(await insertRound()),
    async () => void times.creates.push(await drainRound(Array.from({ length: operationsPerRound }, createTask))),
    async () => void times.mix.push(await drainRound(mixOver(made))),
  ]
  for (let warmUp = 0; warmUp < warmUps; warmUp++) for (const step of steps) await step()
  for (const measured of Object.values(times)) measured.length = 0
  const endAt = performance.now() + measuredMs
  for (let round = 0; round < leastRounds || (round < mostRounds && performance.now() < endAt); round++)
    for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step()
  await assertAllApplied(bench.ask, (2 * warmUps + times.creates.length + times.mix.length) * operationsPerRound)
  return times
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

let next = 0
/** Seven changes of a task each, and three creations, and so on. */
const mixOver = (made: readonly TaskCommand[]): readonly TaskCommand[] =>
  Array.from({ length: operationsPerRound }, (_, at) =>
    // A prime, so that no round meets a task twice.
    at % 10 < updatesOfTen ? updateTask(made[(next += 7919) % made.length] as TaskCommand) : createTask(),
  )

/** What leaves the buffer must be in the database: else something else was measured. */
async function assertAllApplied(ask: (text: string) => Promise<readonly Record<string, unknown>[]>, expected: number): Promise<void> {
  const [row] = await ask(`select count(*)::int as count from operations where acknowledged_as = 'buffered' and outcome = 'applied'`)
  if (row?.['count'] !== expected) throw new Error(`${String(row?.['count'])} operations were applied, not ${expected}.`)
}

const measurementOf = (backlog: Backlog, times: readonly number[], floor: readonly number[]): Measurement => ({
  backlog,
  ratio: measuredRatio(times.map((ms, round) => (floor[round] as number) / ms)),
  operationsPerSecond: operationsPerRound / (quantile(times, 0.5) / 1_000),
})

const names: Readonly<Record<Backlog, string>> = { creates: 'creates', mix: '70 % updates' }

function printTable(measurements: readonly Measurement[], floorPerSecond: number, flush: number, print: (line: string) => void): void {
  print(
    `${measurements[0]?.ratio.rounds} interleaved rounds of ${operationsPerRound} operations, ${batchSize} in a batch; over ${filledRows} rows present. A flush of the`,
  )
  print(
    `buffer's disk takes ${flush.toFixed(2)} ms. F = the bare insert of as many tasks and operations, ${floorPerSecond.toFixed(0)} a second.`,
  )
  print('')
  print('                operations/s   at least   share of F  (half of rounds)   at least')
  for (const measurement of measurements) {
    const { backlog, ratio, operationsPerSecond } = measurement
    const spread = `(${ratio.lowQuartile.toFixed(2)}–${ratio.highQuartile.toFixed(2)})`
    print(
      [
        names[backlog].padEnd(14),
        operationsPerSecond.toFixed(0).padStart(14),
        String(leastPerSecond).padStart(11),
        ratio.median.toFixed(2).padStart(13),
        spread.padStart(18),
        targets[backlog].leastShare.toFixed(2).padStart(11),
        isFastEnough(measurement) ? '' : '  NOT MET',
      ].join(''),
    )
  }
}
