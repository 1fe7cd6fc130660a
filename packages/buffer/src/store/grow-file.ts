import { open, type FileHandle } from 'node:fs/promises'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { dataFile, pageBytes } from './environment.ts'
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
    const missing = async (): Promise<number> => targetBytes - onDisk(await file.stat())
    const missingBytes = await missing()
    if (missingBytes <= 0) return null
    if (disk.freeBytes(directory) - missingBytes < reserveBytes) return 'no_room'
    const startedAt = clock.monotonic()
    let hasSaid = false
    for await (const _ of filling(file, targetBytes)) {
      if (hasSaid || clock.monotonic() - startedAt <= sayAfterMs) continue
      hasSaid = true
      onProgress(`Giving the buffer its room on disk, once: ${Math.ceil(targetBytes / 1_000_000)} MB.`)
    }
    await file.sync()
    if ((await missing()) > 0) return 'no_room'
    log.info('The buffer has its room on disk', { bytes: targetBytes, durationMs: Math.round(clock.monotonic() - startedAt) })
    return null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return 'no_room'
  } finally {
    await file.close()
  }
}

/** What a file with holes has on disk; a program that copies it may leave zeros out. */
const onDisk = ({ size, blocks }: { readonly size: number; readonly blocks: number }): number => Math.min(size, blocks * 512)

/** Writes zeros where zeros are read, which fills a hole and changes nothing, and lengthens the file. A turn for each chunk. */
async function* filling(file: FileHandle, targetBytes: number): AsyncGenerator<void> {
  const { size } = await file.stat()
  const [zeros, room, read] = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes).fill(0xff), Buffer.alloc(chunkBytes)]
  for (let at = 0; at < size; at += chunkBytes) {
    const { bytesRead } = await file.read(read, 0, chunkBytes, at)
    for (let piece = 0; piece < bytesRead; piece += pageBytes) {
      const end = Math.min(piece + pageBytes, bytesRead)
      if (read.compare(zeros, piece, end, piece, end) === 0) await file.write(zeros, 0, end - piece, at + piece)
    }
    yield
  }
  for (let at = size; at < targetBytes; at += chunkBytes) {
    await file.write(room, 0, Math.min(chunkBytes, targetBytes - at), at)
    yield
  }
}
