import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { applyCommands, type ApplyDependencies } from '@holdfast/engine/apply-commands'
import { createOperationStore } from '@holdfast/postgres/operation-store.postgres'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import { bareRows, prepareBareInsert } from './bare-insert.ts'
import { createTask, updateTask } from './bench-commands.ts'
import { benchDeadlines, fillTables, openBenchDatabase } from './bench-database.ts'
import { measuredRatio, quantile, type MeasuredRatio } from './measured-ratio.ts'

const batchSizes = [64, 256, 1000] as const
/** Small batches are over in a few milliseconds: several of them make one measurement. */
const commandsPerRound = 256
const filledRows = 100_000
const measuredMs = 35_000
const maxRounds = 60

/** The prototypes’ figures as shares of F, and the least that counts as met: within a fifth of them. */
const targets = { create: { prototype: 0.87, least: 0.7 }, update: { prototype: 0.66, least: 0.53 } } as const
type Action = keyof typeof targets

interface Measurement {
  readonly action: Action
  readonly size: number
  readonly ratio: MeasuredRatio
  readonly commandsPerSecond: number
  readonly floorPerSecond: number
}

/** Whether the real code is where the prototypes were, at every size. */
export const isMet = (measurements: readonly Pick<Measurement, 'action' | 'ratio'>[]): boolean =>
  measurements.every(({ action, ratio }) => ratio.median >= targets[action].least)

/**
 * Measures `applyCommands` over one real lane beside the bare insert of the same two rows, by turns, so that whatever slows the
 * machine slows both. Prints a table; resolves with whether the prototypes’ figures are met.
 */
export async function benchApply(print: (line: string) => void): Promise<boolean> {
  const bench = await openBenchDatabase()
  try {
    await fillTables(bench, filledRows)
    const instance = 'benching' as InstanceId
    const hybridClock = new HybridClock(instance, () => realClock.now())
    const store = createOperationStore(bench.database.lanes)
    const dependencies: ApplyDependencies = { clock: realClock, hybridClock, instance, log: createTestLog(), store }
    const bareInsert = await prepareBareInsert(bench, bench.database.lanes.direct(0), benchDeadlines.statementMs)

    const apply = async (commands: readonly TaskCommand[]): Promise<void> => {
      const items = commands.map((command) => ({ command, stamp: null }))
      const call = { delivery: 'direct', lane: 'direct-0', deadlineAt: realClock.monotonic() + benchDeadlines.statementMs } as const
      await applyCommands(dependencies, 'task', items, call, (_item, settled) => {
        if (settled.state !== 'written') throw new Error(`A command was not written but ${settled.state}.`)
      })
    }
    const made: TaskCommand[] = []
    let next = 0
    const existing = (): TaskCommand => made[(next += 7919) % made.length] as TaskCommand

    const times = new Map<string, number[]>()
    const measureRound = async (size: number): Promise<void> => {
      const batches = Math.ceil(commandsPerRound / size)
      const creations = Array.from({ length: batches }, () => Array.from({ length: size }, createTask))
      const bare = creations.map((batch) => batch.map(() => bareRows(createTask(), hybridClock, instance)))
      await record(times, `floor ${size}`, bare, bareInsert)
      await record(times, `create ${size}`, creations, apply)
      if (made.length < 20_000) made.push(...creations.flat())
      const updates = Array.from({ length: batches }, () =>
        [...new Set(Array.from({ length: size * 2 }, existing))].slice(0, size).map(updateTask),
      )
      await record(times, `update ${size}`, updates, apply)
    }
    for (const size of batchSizes.toReversed()) await measureRound(size)
    await measureRound(64)
    times.clear()
    const endAt = performance.now() + measuredMs
    for (let round = 0; round < maxRounds && performance.now() < endAt; round++) for (const size of batchSizes) await measureRound(size)

    const measurements = (['create', 'update'] as const).flatMap((action) => batchSizes.map((size) => measurementOf(times, action, size)))
    printTable(measurements, print)
    return isMet(measurements)
  } finally {
    await bench.drop()
  }
}

/** Milliseconds for one command, appended to the times of that name. */
async function record<Batch extends { readonly length: number }>(
  times: Map<string, number[]>,
  name: string,
  batches: readonly Batch[],
  run: (batch: Batch) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now()
  for (const batch of batches) await run(batch)
  const commands = batches.reduce((sum, batch) => sum + batch.length, 0)
  times.set(name, [...(times.get(name) ?? []), (performance.now() - startedAt) / commands])
}

function measurementOf(times: ReadonlyMap<string, readonly number[]>, action: Action, size: number): Measurement {
  const floor = times.get(`floor ${size}`) ?? []
  const real = times.get(`${action} ${size}`) ?? []
  return {
    action,
    size,
    ratio: measuredRatio(real.map((ms, round) => (floor[round] as number) / ms)),
    commandsPerSecond: 1_000 / quantile(real, 0.5),
    floorPerSecond: 1_000 / quantile(floor, 0.5),
  }
}

function printTable(measurements: readonly Measurement[], print: (line: string) => void): void {
  print(`${measurements[0]?.ratio.rounds} interleaved rounds, about ${filledRows} rows present. F = the bare insert of the same two rows.`)
  print('')
  print('            commands/s      F rows/s   share of F  (half of rounds)   prototype   at least')
  for (const { action, size, ratio, commandsPerSecond, floorPerSecond } of measurements) {
    const { prototype, least } = targets[action]
    const spread = `(${ratio.lowQuartile.toFixed(2)}–${ratio.highQuartile.toFixed(2)})`
    const verdict = ratio.median >= least ? '' : '  NOT MET'
    print(
      [
        `${action} ${size}`.padEnd(12),
        commandsPerSecond.toFixed(0).padStart(10),
        floorPerSecond.toFixed(0).padStart(14),
        ratio.median.toFixed(2).padStart(13),
        spread.padStart(17),
        prototype.toFixed(2).padStart(11),
        least.toFixed(2).padStart(11),
        verdict,
      ].join(''),
    )
  }
}
