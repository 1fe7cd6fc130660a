import { statSync, type BigIntStats } from 'node:fs'
import type { Log } from '@holdfast/usecases/ports/log'
import {
  assertOrderedKey,
  assertOrderedRange,
  maxValueBytes,
  type OrderedEntry,
  type OrderedKey,
  type OrderedPut,
  type OrderedRange,
  type OrderedRemove,
  type OrderedStore,
  OrderedStoreError,
} from '@holdfast/usecases/ports/ordered-store'
import { type Collection, dataFile, type Environment, keyOf } from './environment.ts'
import { rangeOptions } from './range-options.ts'
import type { RoomGate } from './room-gate.ts'
import { addSizes, type Commit, noSize, takeCommit } from './take-commit.ts'

export interface LmdbStoreOptions {
  readonly directory: string
  readonly environment: Environment
  readonly gate: Pick<RoomGate, 'mayPass'>
  readonly log: Log
  /** Called once, when the store becomes `failed`. */
  readonly onFailed: () => void
}

interface WaitingCommit extends Commit {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** What may wait for the disk; more is `full`. */
const maxWaitingBytes = 64 * 1024 * 1024
/** One transaction, and one flush. */
const maxGroupBytes = 8 * 1024 * 1024
/** lmdb-js leaves a transaction that it could not begin without an answer. */
const commitTimeoutMs = 60_000

/**
 * The store is **open** → (a transaction fails, does not end, or its file is gone) → **failed**, for ever: what the disk did is
 * known after a restart. `close` lets what was called before it end, and leads to **closed**.
 *
 * One transaction is under way at a time; the commits called meanwhile make the next one together and share its flush.
 */
export class LmdbOrderedStore implements OrderedStore {
  readonly #options: LmdbStoreOptions
  readonly #file: Pick<BigIntStats, 'dev' | 'ino'>
  #waiting: WaitingCommit[] = []
  #ahead = noSize
  #work: Promise<void> | undefined
  #refusal: OrderedStoreError | undefined

  constructor(options: LmdbStoreOptions) {
    this.#options = options
    this.#file = statSync(dataFile(options.directory), { bigint: true })
  }

  get hasFailed(): boolean {
    return this.#refusal?.failure === 'failed'
  }

  async commit(puts: readonly OrderedPut[], removes: readonly OrderedRemove[]): Promise<void> {
    for (const { collection, key } of [...removes, ...puts]) {
      this.#collection(collection)
      assertOrderedKey(key)
    }
    for (const { value } of puts)
      if (value.length > maxValueBytes) throw new RangeError(`A value has at most ${maxValueBytes} bytes, not ${value.length}`)
    if (this.#refusal !== undefined) throw this.#refusal
    const commit = takeCommit(puts, removes)
    if (!this.#hasRoom(commit)) throw new OrderedStoreError('full')
    this.#ahead = addSizes(this.#ahead, commit)
    const settled = new Promise<void>((resolve, reject) => this.#waiting.push({ ...commit, resolve, reject }))
    this.#work ??= this.#writeAll()
    return settled
  }

  get(collection: string, key: OrderedKey): Uint8Array | undefined {
    assertOrderedKey(key)
    return this.#read(collection, (found) => {
      const value = found.getBinary([...key])
      return value === undefined ? undefined : copyOf(value)
    })
  }

  range(collection: string, range: OrderedRange): readonly OrderedEntry[] {
    assertOrderedRange(range)
    return this.#read(collection, (found) => {
      const entries: OrderedEntry[] = []
      for (const { key, value } of found.getRange(rangeOptions(range))) entries.push({ key: keyOf(key), value: copyOf(value) })
      return entries
    })
  }

  /** Resolves when what was called before is settled. Nothing is taken any more. */
  async close(): Promise<void> {
    this.#refusal ??= new OrderedStoreError('closed')
    await this.#work
  }

  #collection(name: string): Collection {
    const found = this.#options.environment.collections.get(name)
    if (found === undefined) throw new RangeError(`There is no collection ${name}`)
    return found
  }

  #hasRoom(commit: Commit): boolean {
    if (this.#ahead.bytes > 0 && this.#ahead.bytes + commit.bytes > maxWaitingBytes) return false
    try {
      return this.#options.gate.mayPass(commit, this.#ahead)
    } catch (error) {
      throw this.#fail(error)
    }
  }

  #read<T>(name: string, read: (collection: Collection) => T): T {
    const collection = this.#collection(name)
    if (this.#refusal?.failure === 'closed') throw this.#refusal
    try {
      return read(collection)
    } catch (error) {
      throw this.#fail(error)
    }
  }

  async #writeAll(): Promise<void> {
    // Those that are called in the same breath come along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        if (this.hasFailed) throw this.#refusal
        await this.#writeGroup(group)
        this.#assertFileIsThere()
      } catch (error) {
        const failure = this.#fail(error)
        for (const { reject } of group) reject(failure)
        continue
      } finally {
        for (const commit of group) this.#ahead = addSizes(this.#ahead, commit, -1)
      }
      for (const { resolve } of group) resolve()
    }
    this.#work = undefined
  }

  #takeGroup(): WaitingCommit[] {
    let total = 0
    const end = this.#waiting.findIndex(({ bytes }, index) => (total += bytes) > maxGroupBytes && index > 0)
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #writeGroup(group: readonly Commit[]): Promise<void> {
    const batch = this.#options.environment.root.batch(() => {
      for (const { puts, removes } of group) {
        for (const { collection, key } of removes) void this.#collection(collection).remove([...key])
        for (const { collection, key, value } of puts) void this.#collection(collection).put([...key], value as Buffer)
      }
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The disk did not answer in a minute')), commitTimeoutMs)
    })
    try {
      await Promise.race([batch, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** A file that was deleted or replaced takes writes for as long as it is mapped, and nobody ever finds them again. */
  #assertFileIsThere(): void {
    const { dev, ino } = statSync(dataFile(this.#options.directory), { bigint: true })
    if (dev !== this.#file.dev || ino !== this.#file.ino) throw new Error('The file of the store was replaced')
  }

  #fail(cause: unknown): OrderedStoreError {
    // It rejects by itself, later, with the system’s error; left alone it would end the process.
    if (cause instanceof Error && 'commitError' in cause && cause.commitError instanceof Promise)
      cause.commitError.catch((systemError: unknown) =>
        this.#options.log.error('The disk refused a transaction of the buffer', systemError),
      )
    if (this.#refusal?.failure === 'failed') return this.#refusal
    this.#refusal = new OrderedStoreError('failed', { cause })
    this.#options.log.error('The buffer takes nothing more until a restart: its disk failed', cause)
    this.#options.onFailed()
    return this.#refusal
  }
}

/** Of exactly its bytes: what lmdb-js lends may be a longer piece of memory whose `length` was set by hand. */
function copyOf(value: Buffer): Uint8Array {
  const copy = new Uint8Array(value.length)
  copy.set(value.subarray(0, value.length))
  return copy
}
