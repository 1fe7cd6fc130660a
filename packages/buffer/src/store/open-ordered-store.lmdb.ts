import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { acquireDirectoryLock } from '@holdfast/durable-files/directory-lock'
import { syncDirectory } from '@holdfast/durable-files/sync-directory'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import type { OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { runChildTask } from './child-task.ts'
import { dataFile, type Environment, openEnvironment } from './environment.ts'
import { growFile, type NotGrown } from './grow-file.ts'
import { LmdbOrderedStore } from './ordered-store.lmdb.ts'
import { type DiskProbe, reserveFor, RoomGate, systemDisk } from './room-gate.ts'
import { exchange, finishExchange, salvage, salvagedDirectory } from './salvage.ts'
import { leaveCleanMark, takeCleanMark } from './shutdown-mark.ts'
import type { VerifyAnswer } from './verify-environment.child.ts'

export interface OrderedStoreOptions {
  /** Made if it is missing; of this store alone, on a local disk. */
  readonly directory: string
  /** The same at each opening; a new version may add some. */
  readonly collections: readonly string[]
  /** What its users will keep in it at most, keys included. The file is given twice as much, at once. */
  readonly limitBytes: number
  readonly log: Log
  readonly clock: Clock
  /** Told of what takes over a second. */
  readonly onProgress?: (message: string) => void
  /** Called once, when the disk refused: nothing is taken any more, and the process should end (exit code 74) to be started again. */
  readonly onFailed: () => void
  /** For tests. */
  readonly disk?: DiskProbe
  /** What must stay free on the disk for other things to be accepted; the greater of 256 MiB and four times the limit. */
  readonly reserveBytes?: number
}

export type StoreNotice =
  /** The store may refuse commits while the disk is full, though its limit is not reached. */
  | { readonly kind: 'no_room_of_its_own'; readonly reason: NotGrown }
  /** The file was broken: it is in `quarantine`, and so many entries of each collection could be read and were kept. */
  | { readonly kind: 'salvaged'; readonly quarantine: string; readonly problem: string; readonly entries: ReadonlyMap<string, number> }

export interface OpenedOrderedStore {
  readonly store: OrderedStore
  readonly notices: readonly StoreNotice[]
  /** With so much free on its disk nothing is refused as `full`. */
  readonly reserveBytes: number
  /** Whether it would take a value of the greatest length now, as far as its disk is known: nothing is tried. */
  hasRoom(): boolean
  /** Resolves when all that was called before is settled and the directory is free for another process. */
  close(): Promise<void>
}

const verifyTimeoutMs = 300_000

/**
 * Opens the durable store of a directory, for this process alone.
 *
 * A file that was not closed, or was changed since, is first walked by a child process, which it may end. Broken, it is moved to
 * `quarantine-<time>` and what can be read of it is copied to a new one: the store opens whatever is in the file, and says so.
 *
 * @throws when the directory is another process’s, or cannot be used, or its file cannot be checked, or is broken and there is no
 * room for a copy: it is then left as it is
 */
export async function openOrderedStore(options: OrderedStoreOptions): Promise<OpenedOrderedStore> {
  const directory = resolve(options.directory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await syncDirectory(dirname(directory))
  const lock = await acquireDirectoryLock(directory)
  try {
    return await openLocked({ ...options, directory }, () => lock.release())
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openLocked(options: OrderedStoreOptions, release: () => Promise<void>): Promise<OpenedOrderedStore> {
  const { directory, collections, limitBytes, log, clock, onFailed, disk = systemDisk, onProgress = () => undefined } = options
  const { reserveBytes = reserveFor(limitBytes) } = options
  const place = join(directory, 'store')
  const notices: StoreNotice[] = []

  const isSalvaged = await finishExchange(directory, place, hasData(place))
  if (isSalvaged) log.error('The opening of a salvaged buffer was interrupted, and is ended now', undefined)
  const isNew = !hasData(place)
  const wasClosed = await takeCleanMark(directory, place)
  if (!wasClosed && !isNew) {
    const startedAt = clock.monotonic()
    const problem = await problemOf(place, collections)
    if (problem === null)
      log.info('The buffer was not closed: its file was checked, and is whole', { durationMs: msSince(clock, startedAt) })
    else notices.push(await replaceBroken(options, place, problem))
  }

  await mkdir(place, { recursive: true, mode: 0o700 })
  const environment = openEnvironment(place, collections)
  try {
    await syncDirectory(place)
    await syncDirectory(directory)
    const grow = { directory: place, log, clock, disk, targetBytes: 2 * limitBytes, reserveBytes, onProgress }
    const reason = await growFile(grow)
    if (reason !== null) {
      notices.push({ kind: 'no_room_of_its_own', reason })
      log.warn('The buffer has no room of its own on disk: it takes nothing while the disk is full', { reason })
    }
    const gate = new RoomGate({ directory: place, environment, clock, disk, reserveBytes })
    const store = new LmdbOrderedStore({ directory: place, environment, gate, log, onFailed })
    return {
      store,
      notices,
      reserveBytes,
      hasRoom: () => store.hasRoom(),
      close: () => close(directory, place, store, environment, log, release),
    }
  } catch (error) {
    await environment.root.close()
    throw error
  }
}

const msSince = (clock: Clock, startedAt: number): number => Math.round(clock.monotonic() - startedAt)

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code)

/** A first start that was killed may leave an empty file. */
const hasData = (place: string): boolean => (statSync(dataFile(place), { throwIfNoEntry: false })?.size ?? 0) > 0

async function close(
  directory: string,
  place: string,
  store: LmdbOrderedStore,
  { root }: Environment,
  log: Log,
  release: () => Promise<void>,
): Promise<void> {
  try {
    await store.close()
    await root.close()
    if (store.hasFailed) return
    await leaveCleanMark(directory, place).catch((error: unknown) =>
      log.warn('The buffer is closed, and will be checked at the next start: its mark could not be written', { code: codeOf(error) }),
    )
  } finally {
    await release()
  }
}

async function problemOf(directory: string, collections: readonly string[]): Promise<string | null> {
  const end = await runChildTask(new URL('./verify-environment.child.ts', import.meta.url), { directory, collections }, verifyTimeoutMs)
  if (end.kind === 'died') return end.reason
  const { problem, obstacle } = end.answer as VerifyAnswer
  if (obstacle !== null) throw new Error(`The buffer in ${directory} cannot be opened: ${obstacle}`)
  return problem
}

async function replaceBroken(
  { directory, collections, log, clock, disk = systemDisk }: OrderedStoreOptions,
  place: string,
  problem: string,
): Promise<StoreNotice> {
  log.error('The file of the buffer is broken: what can be read of it is copied', undefined, { problem })
  const quarantine = join(directory, `quarantine-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`)
  const entries = await salvage({ from: place, to: salvagedDirectory(place), collections, disk })
  await exchange(directory, place, quarantine)
  log.error('The broken file of the buffer was put aside, and a new one has what could be read', undefined, {
    quarantine,
    ...Object.fromEntries(entries),
  })
  return { kind: 'salvaged', quarantine, problem, entries }
}
