import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { serverDeadlines } from '@holdfast/engine/deadlines'
import { createUnbufferedWriter } from '@holdfast/engine/unbuffered-writer'
import { createOperationStore } from '@holdfast/postgres/operation-store.postgres'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import { createTask, updateTask } from './bench-commands.ts'
import { fillTables, openBenchDatabase } from './bench-database.ts'
import { quantile } from './measured-ratio.ts'

const writers = 64
const filledRows = 100_000
const warmUpMs = 1_000
const measuredMs = 8_000
const bursts = 50
/** Two lanes, a commit each; four more for a batch that did not fill in one turn. */
const maxStatementsForBurst = 6

/**
 * Measures the whole engine: writers that each submit their next command when the last is answered. Prints rates and latencies;
 * resolves with whether every command was committed and a burst of creations took as few statements as it should.
 */
export async function benchWritePath(print: (line: string) => void): Promise<boolean> {
  const bench = await openBenchDatabase()
  try {
    await fillTables(bench, filledRows)
    const instance = 'benching' as InstanceId
    const hybridClock = new HybridClock(instance, () => realClock.now())
    const { lanes } = bench.database
    const dependencies = { clock: realClock, hybridClock, instance, log: createTestLog(), store: createOperationStore(lanes) }
    const writes = createUnbufferedWriter(dependencies, serverDeadlines.writeMs)
    const made = Array.from({ length: 2_000 }, createTask)
    for (let from = 0; from < made.length; from += writers) await submitAll(writes, made.slice(from, from + writers))

    print(`${writers} concurrent writers, two lanes, about ${filledRows} rows present, a write deadline of ${serverDeadlines.writeMs} ms.`)
    print('')
    print('           commands/s    p50 ms    p99 ms   p100 ms   not committed')
    let next = 0
    const anyMade = (): TaskCommand => made[(next += 7919) % made.length] as TaskCommand
    const kinds: readonly (readonly [string, () => TaskCommand])[] = [
      ['create', createTask],
      ['update', () => updateTask(anyMade())],
    ]
    let isAllCommitted = true
    for (const [name, makeCommand] of kinds) {
      await writeFor(warmUpMs, writes, makeCommand)
      const { latencies, failures, seconds } = await writeFor(measuredMs, writes, makeCommand)
      isAllCommitted &&= failures === 0
      const columns = [latencies.length / seconds, ...[0.5, 0.99, 1].map((share) => quantile(latencies, share))]
      print(
        `${name.padEnd(10)}${columns.map((value, index) => value.toFixed(index === 0 ? 0 : 1).padStart(index === 0 ? 11 : 10)).join('')}${String(failures).padStart(16)}`,
      )
    }
    const statements: number[] = []
    for (let burst = 0; burst < bursts; burst++) {
      const before = lanes.statementCount()
      await submitAll(writes, Array.from({ length: writers }, createTask))
      statements.push(lanes.statementCount() - before)
    }
    print('')
    print(
      `${writers} creations at once: ${quantile(statements, 0.5)} statements, at most ${Math.max(...statements)} in ${bursts} bursts (bound: ${maxStatementsForBurst}).`,
    )
    return isAllCommitted && Math.max(...statements) <= maxStatementsForBurst
  } finally {
    await bench.drop()
  }
}

const submitAll = (writes: WritePort, commands: readonly TaskCommand[]) => Promise.all(commands.map((command) => writes.submit(command)))

async function writeFor(ms: number, writes: WritePort, makeCommand: () => TaskCommand) {
  const latencies: number[] = []
  let failures = 0
  const startedAt = performance.now()
  const write = async (): Promise<void> => {
    while (performance.now() - startedAt < ms) {
      const submittedAt = performance.now()
      const { state } = await writes.submit(makeCommand())
      latencies.push(performance.now() - submittedAt)
      if (state !== 'committed') failures += 1
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return { latencies, failures, seconds: (performance.now() - startedAt) / 1_000 }
}
