import { statSync, statfsSync } from 'node:fs'
import type { Clock } from '@holdfast/usecases/ports/clock'
import { maxValueBytes } from '@holdfast/usecases/ports/ordered-store'
import { type Environment, dataFile, pageBytes, statsOf } from './environment.ts'
import type { Commit } from './take-commit.ts'

/** Where a test may say otherwise. */
export interface DiskProbe {
  /** Bytes that may still be written on the file system of this directory. */
  freeBytes(directory: string): number
  /** Whether a page that is written over needs room: then growing the file beforehand keeps none. */
  isCopyOnWrite(directory: string): boolean
}

/** `f_type` of btrfs, ZFS, bcachefs, F2FS and NILFS. */
const copyOnWriteTypes: ReadonlySet<number> = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e, 0xf2f52010, 0x3434])

export const systemDisk: DiskProbe = {
  freeBytes(directory) {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  },
  isCopyOnWrite: (directory) => copyOnWriteTypes.has(statfsSync(directory).type >>> 0),
}

/** What must stay free on the disk for the store to go on when its own file has no room left. */
export const reserveFor = (limitBytes: number): number => Math.max(256 * 1024 * 1024, 4 * limitBytes)

export interface RoomGateOptions {
  readonly directory: string
  readonly environment: Environment
  readonly clock: Clock
  readonly disk: DiskProbe
  readonly reserveBytes: number
}

const askAgainMs = 1_000

/** With its indexes and counts. */
const largeCommit: Commit = { puts: [], removes: [], changes: 8, ownPages: maxValueBytes / pageBytes + 1 }

/** What a transaction may need besides, for its roots and its list of free pages. */
const pagesOfTransaction = 64

/** A changed entry writes its leaf anew, and what leads to it. */
const pagesOfChange = 5

/**
 * Keeps LMDB from ever meeting a full disk, which ends the process: lmdb-js writes beyond its buffer when a page cannot be written.
 * A commit may pass when the disk has more than the reserve free; or when its growth fits behind the last page, in what the file has
 * on disk already; or when it needs only single pages and the file has plenty of free ones. A share of the file is for what removes more than it puts.
 */
export class RoomGate {
  readonly #options: RoomGateOptions
  #askedAt = -Infinity
  #free = 0
  #fileBytes = 0
  #hasRoom: boolean | undefined

  constructor(options: RoomGateOptions) {
    this.#options = options
  }

  /** To be asked when all that was let through before is on disk. */
  mayPass({ puts, removes, changes, ownPages }: Commit): boolean {
    this.#ask()
    if (this.#free >= this.#options.reserveBytes) return true
    const pages = statsOf(this.#options.environment.root).lastPageNumber + 1
    const used = this.#usedPages()
    // Of the pages in use each is written anew once at most; beside that each change may split one.
    const growth = (Math.min(changes * pagesOfChange, used + changes) + ownPages + pagesOfTransaction) * pageBytes
    // What removes more than it puts makes room: a disposal also writes its counts.
    const forRemoves = removes.length > puts.length ? 0 : Math.min(1024 * 1024, this.#fileBytes / 8)
    if (this.#fileBytes - pages * pageBytes - forRemoves >= growth) return true
    // Free pages lie scattered: only what takes them one by one is sure to find its place among them.
    return ownPages === 0 && (pages - used) * pageBytes - forRemoves >= 2 * growth
  }

  /** Whether a commit with a value of the greatest length would pass, as of a second ago at most. */
  hasRoom(): boolean {
    this.#ask()
    this.#hasRoom ??= this.mayPass(largeCommit)
    return this.#hasRoom
  }

  #ask(): void {
    const { directory, disk, clock } = this.#options
    const now = clock.monotonic()
    if (now - this.#askedAt < askAgainMs) return
    this.#free = disk.freeBytes(directory)
    const { blocks, size } = statSync(dataFile(directory))
    this.#fileBytes = disk.isCopyOnWrite(directory) ? 0 : Math.min(size, blocks * 512)
    this.#askedAt = now
    this.#hasRoom = undefined
  }

  #usedPages(): number {
    const { root, collections } = this.#options.environment
    const trees = [root, ...collections.values()].map(statsOf)
    const parts = [...trees, ...trees.slice(0, 1).map(({ free }) => free)]
    return parts.reduce((sum, tree) => sum + tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages, 2)
  }
}
