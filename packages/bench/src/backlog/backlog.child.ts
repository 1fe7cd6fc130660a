import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { realClock } from '@holdfast/testkit/real-clock'
import { createTask } from '../bench-commands.ts'
import { openBenchBuffer, type BenchBuffer } from '../buffer/bench-buffer.ts'
import { answerTasks } from '../buffer/child-worker.ts'
import { MemoryGrowth } from './anonymous-memory.ts'

export interface BacklogTask {
  readonly directory: string
  /** `warm-up`: fills in operations and removes them again; `fill`: fills more in; `start`: opens what another process has left. */
  readonly kind: 'warm-up' | 'fill' | 'start'
  /** What the buffer is to have room for. */
  readonly capacity: number
  /** How many this task is about. */
  readonly operations: number
}

export interface BacklogAnswer {
  readonly count: number
  /** Of anonymous memory: since the end of the warm-up, or since before the start; now, and at its highest. */
  readonly growthBytes: number
  readonly highestGrowthBytes: number
  readonly openedMs: number
  readonly checkedMs: number
  /** Of this process so far, all of its threads. */
  readonly cpuMs: number
}

/** So many wait for the disk at once. */
const atOnce = 1_000
const removedAtOnce = 256
const bytesAtOnce = 1024 * 1024
const lookEveryMs = 20

let opened: BenchBuffer | null = null
let growth = new MemoryGrowth()
const stamps = new HybridClock('buffered' as InstanceId, () => realClock.now())

async function fill({ buffer }: BenchBuffer, operations: number): Promise<void> {
  for (let filled = 0; filled < operations; filled += atOnce) {
    const commands = Array.from({ length: Math.min(atOnce, operations - filled) }, createTask)
    const results = await Promise.all(commands.map((command) => buffer.append(command, stamps.next())))
    if (results.some((result) => result !== 'buffered')) throw new Error('A command was not buffered.')
    growth.look()
  }
}

async function empty({ buffer }: BenchBuffer): Promise<void> {
  while (buffer.level().count > 0) {
    const batch = buffer.next(1, null, removedAtOnce, bytesAtOnce)
    await buffer.dispose(
      batch.map((pending) => ({ kind: 'done', pending })),
      Date.now(),
    )
  }
}

async function perform({ kind, directory, capacity, operations }: BacklogTask): Promise<BacklogAnswer> {
  const looking = setInterval(() => growth.look(), lookEveryMs)
  opened ??= await openBenchBuffer(directory, capacity)
  if (kind !== 'start') await fill(opened, operations)
  if (kind === 'warm-up') {
    await empty(opened)
    growth = new MemoryGrowth()
  }
  clearInterval(looking)
  const { buffer, openedMs, checkedMs } = opened
  const growthBytes = growth.look()
  const { user, system } = process.cpuUsage()
  const cpuMs = (user + system) / 1_000
  return { count: buffer.level().count, growthBytes, highestGrowthBytes: growth.highest, openedMs, checkedMs, cpuMs }
}

answerTasks(perform)
