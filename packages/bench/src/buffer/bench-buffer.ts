import { join } from 'node:path'
import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { openOrderedStore } from '@holdfast/buffer/open-ordered-store'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'

/** Of a record of `bench-commands.ts` on disk, frame and index rows; rounded up. */
const bytesOfOperation = 1_200

/** Enough that the disk is never the reason for a refusal; what a service keeps free is more. */
const reserveBytes = 256 * 1024 * 1024

export interface BenchBuffer {
  readonly buffer: CommandBuffer
  /** Milliseconds until the file was open (walked, if it was not closed), and then until every record was checked and counted. */
  readonly openedMs: number
  readonly checkedMs: number
  close(): Promise<void>
}

/** The real buffer in its real store, with room for so many operations of `bench-commands.ts`. Opened again, it has what it had. */
export async function openBenchBuffer(directory: string, operations: number): Promise<BenchBuffer> {
  const log = createTestLog()
  const startedAt = performance.now()
  const opened = await openOrderedStore({
    directory: join(directory, 'buffer'),
    collections: commandBufferCollections,
    limitBytes: operations * bytesOfOperation,
    reserveBytes,
    clock: realClock,
    log,
    onFailed: () => {
      throw new Error('The disk of the buffer failed.')
    },
  })
  const openedAt = performance.now()
  const limits = { count: operations, bytes: operations * bytesOfOperation, actorShare: 1, reserveShare: 0.1 }
  const buffer = await openCommandBuffer({ store: opened.store, clock: realClock, log, limits })
  return { buffer, openedMs: openedAt - startedAt, checkedMs: performance.now() - openedAt, close: () => opened.close() }
}
