import { open } from 'node:fs/promises'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { dataFile } from './environment.ts'
import type { DiskProbe } from './room-gate.ts'

export interface GrowOptions {
  /** Of the environment, which is there and open. */
  readonly directory: string
  readonly log: Log
  readonly clock: Clock
  readonly disk: DiskProbe
  /** So much of the file is wanted on disk. */
  readonly targetBytes: number
  /** So much must be free when it is done. */
  readonly reserveBytes: number
  readonly onProgress: (message: string) => void
}

/** Why a store has no room of its own: its disk writes elsewhere in any case, or has too little left. */
export type NotGrown = 'copy_on_write' | 'no_room'

const chunkBytes = 1024 * 1024
const sayAfterMs = 1_000

/**
 * Gives the file of a store room on disk behind its last page, so that LMDB goes on while the disk is full. LMDB takes the pages
 * behind its last one in order, and never looks at what was in them; unlike entries written and removed, this leaves no list of
 * 100,000 free pages to be carried through every transaction. Done once: a file that has the room is left alone.
 */
export async function growFile(options: GrowOptions): Promise<NotGrown | null> {
  const { directory, log, clock, disk, targetBytes, reserveBytes, onProgress } = options
  if (disk.isCopyOnWrite(directory)) return 'copy_on_write'
  const file = await open(dataFile(directory), 'r+')
  try {
    const { size, blocks } = await file.stat()
    // What has holes was copied by a program that leaves zeros out: what is missing cannot be told from what is there.
    if (Math.min(size, blocks * 512) >= targetBytes) return null
    if (disk.freeBytes(directory) - (targetBytes - size) < reserveBytes) return 'no_room'
    const startedAt = clock.monotonic()
    const chunk = new Uint8Array(chunkBytes).fill(0xff)
    let hasSaid = false
    for (let at = size; at < targetBytes; at += chunkBytes) {
      await file.write(chunk, 0, Math.min(chunkBytes, targetBytes - at), at)
      if (!hasSaid && clock.monotonic() - startedAt > sayAfterMs) {
        hasSaid = true
        onProgress(`Giving the buffer its room on disk, once: ${Math.ceil(targetBytes / 1_000_000)} MB.`)
      }
    }
    await file.sync()
    log.info('The buffer has its room on disk', { bytes: targetBytes, durationMs: Math.round(clock.monotonic() - startedAt) })
    return null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return 'no_room'
  } finally {
    await file.close()
  }
}
