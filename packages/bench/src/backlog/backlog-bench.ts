import { readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startChildWorker } from '../buffer/child-worker.ts'
import { flushMs } from '../buffer/flush-time.ts'
import { inScratchDirectory } from '../buffer/scratch-directory.ts'
import type { BacklogAnswer, BacklogTask } from './backlog.child.ts'

export const standardOperations = 1_000_000
const warmUpOperations = 60_000
const steps = 20
const megabyte = 1_000_000

const targets = { mostGrowthBytes: 100 * megabyte, mostStartMs: 10_000 } as const

/** What the file takes for one operation, and what is to be left on the disk; rounded up. */
const bytesOfOperation = 2_400
const leftOverBytes = 1_000 * megabyte

export interface BacklogFigures {
  readonly operations: number
  readonly filled: BacklogAnswer
  readonly started: BacklogAnswer
}

const isFillMet = ({ filled }: BacklogFigures): boolean => filled.highestGrowthBytes < targets.mostGrowthBytes
const startMs = ({ openedMs, checkedMs }: BacklogAnswer): number => openedMs + checkedMs
const isStartMet = ({ started }: BacklogFigures): boolean => startMs(started) < targets.mostStartMs
const isWhole = ({ operations, filled, started }: BacklogFigures): boolean => filled.count === operations && started.count === operations

/** Whether a full buffer costs hardly any memory, and a start over it hardly any time; and all was there. */
export const isMet = (figures: BacklogFigures): boolean => isFillMet(figures) && isStartMet(figures) && isWhole(figures)

/**
 * Fills a buffer with so many operations, ends that process without closing, and starts another over it. Prints growth of memory,
 * time and disk; resolves with whether the targets are met.
 */
export async function benchBacklog(print: (line: string) => void, operations: number = standardOperations): Promise<boolean> {
  if (process.platform !== 'linux') {
    print('Memory is measured as Linux tells it (RssAnon in /proc): it cannot be measured here.')
    return false
  }
  return inScratchDirectory(async (directory) => {
    const needed = operations * bytesOfOperation + leftOverBytes
    const { bavail, bsize } = statfsSync(directory)
    if (bavail * bsize < needed) {
      print(`${directory} has ${inMegabytes(bavail * bsize)} left and ${inMegabytes(needed)} are needed: set TMPDIR to another disk.`)
      return false
    }
    print(`${operations} operations into a buffer in ${directory}, where a flush takes ${flushMs(directory).toFixed(2)} ms.`)
    print('')
    const filled = await fill(directory, operations, print)
    const started = await inChild((ask) => ask({ directory, kind: 'start', capacity: operations, operations: 0 }))
    const figures = { operations, filled, started }
    printFigures(figures, bytesBelow(directory), print)
    return isMet(figures)
  })
}

async function fill(directory: string, operations: number, print: (line: string) => void): Promise<BacklogAnswer> {
  return inChild(async (ask) => {
    // A process that has worked keeps memory for more of it, whatever lies in the buffer: that is not counted.
    let last = await ask({ directory, kind: 'warm-up', capacity: operations, operations: Math.min(operations, warmUpOperations) })
    for (let step = 1; step <= steps; step++) {
      const target = Math.round((operations * step) / steps)
      const startedAt = performance.now()
      const before = last.count
      last = await ask({ directory, kind: 'fill', capacity: operations, operations: target - before })
      const rate = ((last.count - before) / (performance.now() - startedAt)) * 1_000
      print(
        `  ${String(last.count).padStart(9)} buffered, ${rate.toFixed(0).padStart(6)} a second, memory + ${inMegabytes(last.growthBytes)}`,
      )
    }
    return last
  })
}

/** The process is killed afterwards: it closes nothing. */
async function inChild<Result>(work: (ask: (task: BacklogTask) => Promise<BacklogAnswer>) => Promise<Result>): Promise<Result> {
  const child = startChildWorker(new URL('./backlog.child.ts', import.meta.url))
  try {
    return await work((task) => child.ask(task) as Promise<BacklogAnswer>)
  } finally {
    await child.stop()
  }
}

function bytesBelow(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).blocks * 512, 0)
}

const inMegabytes = (bytes: number): string => `${(bytes / megabyte).toFixed(0)} MB`
const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
const verdict = (isMetNow: boolean): string => (isMetNow ? 'met' : 'NOT MET')

function printFigures(figures: BacklogFigures, diskBytes: number, print: (line: string) => void): void {
  const { filled, started, operations } = figures
  print('')
  print(
    `On disk: ${inMegabytes(diskBytes)}, ${(diskBytes / operations).toFixed(0)} bytes an operation, the room that is kept for it included.`,
  )
  print(
    `Filled, by a process that was warm: anonymous memory + ${inMegabytes(filled.highestGrowthBytes)} at its highest (under ${inMegabytes(targets.mostGrowthBytes)}): ${verdict(isFillMet(figures))}.`,
  )
  print(
    `Started after a kill -9, with the file in the system's cache: ${inSeconds(startMs(started))} (under ${inSeconds(targets.mostStartMs)}): ${verdict(isStartMet(figures))}.`,
  )
  print(
    `  Walking the file took ${inSeconds(started.openedMs)}, checking every record and counting ${inSeconds(started.checkedMs)}; the process had ${inSeconds(started.cpuMs)} of CPU`,
  )
  print(
    `  and grew by ${inMegabytes(started.highestGrowthBytes)} of anonymous memory at its highest, the heap of a fresh process included.`,
  )
  if (!isWhole(figures)) print(`${filled.count} were filled in and ${started.count} found, of ${operations}: NOT MET.`)
}
