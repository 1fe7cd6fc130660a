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
import { type Commit, takeCommit } from './take-commit.ts'

export interface LmdbStoreOptions {
  readonly directory: string
  readonly environment: Environment
  readonly gate: Pick<RoomGate, 'mayPass' | 'hasRoom'>
  readonly log: Log
  /** Called once, when the store becomes `failed`. */
  readonly onFailed: () => void
}

/** lmdb-js leaves a transaction that it could not begin without an answer. */
const commitTimeoutMs = 60_000

/**
 * The store is **open** → (a transaction fails, does not end, or its file is gone) → **failed**, for ever: what the disk did is
 * known after a restart. `close` lets what was called before it end, and leads to **closed**.
 *
 * Commits take turns, each with a transaction and a flush of its own: who has much to write puts it into one. What waits has no
 * bound here, as the buffer calls for one at a time.
 */
export class LmdbOrderedStore implements OrderedStore {
  readonly #options: LmdbStoreOptions
  readonly #file: Pick<BigIntStats, 'dev' | 'ino'>
  #turn: Promise<void> = Promise.resolve()
  #refusal: OrderedStoreError | undefined

  constructor(options: LmdbStoreOptions) {
    this.#options = options
    this.#file = statSync(dataFile(options.directory), { bigint: true })
  }

  get hasFailed(): boolean {
    return this.#refusal?.failure === 'failed'
  }

  /** Whether it would take a value of the greatest length now, as far as its disk is known. */
  hasRoom(): boolean {
    if (this.#refusal !== undefined) return false
    try {
      return this.#options.gate.hasRoom()
    } catch {
      // The next commit finds out what is wrong.
      return false
    }
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
    const mine = this.#turn.then(() => this.#write(commit))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  get(collection: string, key: OrderedKey): Uint8Array | undefined {
    assertOrderedKey(key)
    return this.#read(collection, (found) => found.get([...key]))
  }

  range(collection: string, range: OrderedRange): readonly OrderedEntry[] {
    assertOrderedRange(range)
    return this.#read(collection, (found) => {
      const entries: OrderedEntry[] = []
      for (const { key, value } of found.getRange(rangeOptions(range))) entries.push({ key: keyOf(key), value })
      return entries
    })
  }

  keys(collection: string, range: OrderedRange): readonly OrderedKey[] {
    assertOrderedRange(range)
    return this.#read(collection, (found) => {
      const keys: OrderedKey[] = []
      for (const key of found.getKeys(rangeOptions(range))) keys.push(keyOf(key))
      return keys
    })
  }

  /** Resolves when what was called before is settled. Nothing is taken any more. */
  async close(): Promise<void> {
    this.#refusal ??= new OrderedStoreError('closed')
    await this.#turn
  }

  #collection(name: string): Collection {
    const found = this.#options.environment.collections.get(name)
    if (found === undefined) throw new RangeError(`There is no collection ${name}`)
    return found
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

  async #write(commit: Commit): Promise<void> {
    if (this.hasFailed) throw this.#refusal
    let hasRoom = false
    try {
      hasRoom = this.#options.gate.mayPass(commit)
      if (hasRoom) await this.#transaction(commit)
      this.#assertFileIsThere()
    } catch (error) {
      throw this.#fail(error)
    }
    if (!hasRoom) throw new OrderedStoreError('full')
  }

  async #transaction({ puts, removes }: Commit): Promise<void> {
    const batch = this.#options.environment.root.batch(() => {
      for (const { collection, key } of removes) void this.#collection(collection).remove([...key])
      for (const { collection, key, value } of puts) void this.#collection(collection).put([...key], value)
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
