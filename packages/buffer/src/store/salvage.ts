import { statSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '@holdfast/durable-files/sync-directory'
import { openedWord, runChildTask } from './child-task.ts'
import { dataFile, openEnvironment, statsOf } from './environment.ts'
import type { DiskProbe } from './room-gate.ts'
import type { SalvageAnswer, SalvageTask } from './salvage-environment.child.ts'

const timeoutMs = 600_000

/** What a copy may take beyond the length of its original. */
const spareBytes = 1024 * 1024

/** From the beginning, then from the end, with smaller steps after it broke: so all is found up to the break, from both sides. */
const ways = [false, true].flatMap((isReversed) => [1_000, 30, 1].map((step) => ({ isReversed, step })))

interface SalvageOptions {
  /** Of the broken store, which is left as it is. */
  readonly from: string
  /** On the same disk. It must not exist. */
  readonly to: string
  readonly collections: readonly string[]
  readonly disk: DiskProbe
}

/**
 * Copies what can be read of a broken store into a new one. Resolves with how many entries each collection has in it. What the tree
 * of a collection no longer leads to is not found: a page does not say whose it is, nor whether it is an old one.
 *
 * @throws when the copy cannot be written, or its disk has not the room for it: the copy is then taken away
 */
export async function salvage(options: SalvageOptions): Promise<ReadonlyMap<string, number>> {
  const { to, collections } = options
  assertRoom(options)
  await mkdir(to, { mode: 0o700 })
  try {
    for (const collection of collections) if (!(await salvageCollection(options, collection))) break
    const { root, collections: opened } = openEnvironment(to, collections)
    const counts = new Map([...opened].map(([name, entries]) => [name, statsOf(entries).entryCount]))
    await root.close()
    await syncDirectory(to)
    return counts
  } catch (error) {
    await rm(to, { recursive: true, force: true })
    throw error
  }
}

/** False if the store cannot even be opened. */
async function salvageCollection(options: SalvageOptions, collection: string): Promise<boolean> {
  const { disk: _disk, ...stores } = options
  for (const way of ways) {
    const task: SalvageTask = { ...stores, collection, ...way }
    const end = await runChildTask(new URL('./salvage-environment.child.ts', import.meta.url), task, timeoutMs)
    if (end.kind === 'done') {
      const { obstacle } = end.answer as SalvageAnswer
      if (obstacle !== null) throw new Error(`The copy of the broken buffer in ${options.from} cannot be written: ${obstacle}`)
      return true
    }
    // A full disk ends LMDB’s process too, and must not be taken for the end of what can be read.
    assertRoom(options)
    if (!end.output.includes(openedWord)) return false
  }
  return true
}

/** A copy is hardly longer than its file; where it were, a full disk would still be seen. */
function assertRoom({ from, to, disk }: SalvageOptions): void {
  const [original, copied] = [bytesOf(from), bytesOf(to)]
  if (disk.freeBytes(dirname(to)) >= Math.max(0, original - copied) + spareBytes) return
  throw new Error(
    `The buffer in ${from} is broken, and its disk has no room for a copy of it: have ${Math.ceil((original + spareBytes) / 1_000_000)} MB free there, then start again.`,
  )
}

/** Of a store’s file, on disk; 0 if there is none. */
function bytesOf(directory: string): number {
  const { size, blocks } = statSync(dataFile(directory), { throwIfNoEntry: false }) ?? { size: 0, blocks: 0 }
  return Math.min(size, blocks * 512)
}

/** Where a broken store is copied to before it is moved away. */
export const salvagedDirectory = (environmentDirectory: string): string => `${environmentDirectory}.salvaged`

/** Ends what a kill may have left: the broken store was moved away, and the copy of it is not in its place yet. */
export async function finishExchange(directory: string, environmentDirectory: string, hasEnvironment: boolean): Promise<boolean> {
  const salvaged = salvagedDirectory(environmentDirectory)
  if (hasEnvironment) {
    await rm(salvaged, { recursive: true, force: true })
    return false
  }
  const isFinished = await rename(salvaged, environmentDirectory).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (isFinished) await syncDirectory(directory)
  return isFinished
}

/** Puts a salvaged copy in the place of the broken store, which is kept under another name. Both names are durable when it resolves. */
export async function exchange(directory: string, environmentDirectory: string, quarantine: string): Promise<void> {
  await rename(environmentDirectory, quarantine)
  await syncDirectory(directory)
  await finishExchange(directory, environmentDirectory, false)
}
