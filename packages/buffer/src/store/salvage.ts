import { mkdir, rename, rm } from 'node:fs/promises'
import { openedWord, runChildTask } from './child-task.ts'
import { openEnvironment, statsOf } from './environment.ts'
import type { SalvageTask } from './salvage-environment.child.ts'
import { syncDirectory } from './sync-directory.ts'

const timeoutMs = 600_000

/** From the beginning, then from the end, with smaller steps after it broke: so all is found up to the break, from both sides. */
const ways = [false, true].flatMap((isReversed) => [1_000, 30, 1].map((step) => ({ isReversed, step })))

/**
 * Copies what can be read of a broken store into a new one in `to`, which must not exist. Resolves with how many entries each
 * collection has in it. The broken store is left as it is. What the tree of a collection no longer leads to is not found: a page
 * does not say whose it is, nor whether it is an old one.
 */
export async function salvage(from: string, to: string, collections: readonly string[]): Promise<ReadonlyMap<string, number>> {
  await mkdir(to, { mode: 0o700 })
  for (const collection of collections) if (!(await salvageCollection({ from, to, collections, collection }))) break
  const { root, collections: opened } = openEnvironment(to, collections)
  const counts = new Map([...opened].map(([name, entries]) => [name, statsOf(entries).entryCount]))
  await root.close()
  await syncDirectory(to)
  return counts
}

/** False if the store cannot even be opened. */
async function salvageCollection(task: Omit<SalvageTask, 'isReversed' | 'step'>): Promise<boolean> {
  for (const way of ways) {
    const end = await runChildTask(new URL('./salvage-environment.child.ts', import.meta.url), { ...task, ...way }, timeoutMs)
    if (end.kind === 'done') return true
    if (!end.output.includes(openedWord)) return false
  }
  return true
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
