import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { PriorityClass } from '@holdfast/domain/priority-class'
import type { Stamp } from '@holdfast/domain/stamp'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { AppendResult, BufferLevel, CommandBuffer, Disposal, PendingQuery } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'
import {
  OrderedStoreError,
  type OrderedEntry,
  type OrderedPut,
  type OrderedRemove,
  type OrderedStore,
} from '@holdfast/usecases/ports/ordered-store'
import { AppendQueue } from './append-queue.ts'
import { checkStore, type OnProgress } from './check-store.ts'
import { collections } from './collections.ts'
import { Committer } from './committer.ts'
import { deadTable } from './dead-record.ts'
import { disposalsOf } from './disposals.ts'
import { removesOf } from './indexed-table.ts'
import { Ledger, type CountChange } from './ledger.ts'
import { maxRecordBytes, type CommandBufferLimits } from './limits.ts'
import { createBreathe } from './pages.ts'
import { StoredCommands } from './pending-commands.ts'
import { moveAside } from './quarantine.ts'
import { queueTable } from './queued-record.ts'

/** The collections that the store of a command buffer is opened with. */
export const commandBufferCollections: readonly string[] = Object.values(collections)

export interface CommandBufferOptions {
  /** Of this buffer alone, from now on. */
  readonly store: OrderedStore
  readonly clock: Clock
  readonly log: Log
  readonly limits: CommandBufferLimits
  /** Whether the disk of the store has room for a record, as far as that is known without trying; left out, it always has. */
  readonly hasRoom?: () => boolean
  /** Told now and then while the store is checked. */
  readonly onProgress?: OnProgress
}

/** Checks all that is in the store, repairs what it can, and takes over. Rejects with `OrderedStoreError` if a repair cannot be written; repeated, it does the rest. */
export async function openCommandBuffer(options: CommandBufferOptions): Promise<CommandBuffer> {
  const { store, clock, log, limits, onProgress } = options
  const counters = await checkStore({ store, log, breathe: createBreathe(clock) }, queueTable, onProgress)
  return new DurableCommandBuffer(options, new Ledger(store, limits, log, counters), counters.highestStamp)
}

/** Reads go to the store; appends, disposals and what puts aside take turns, each with one commit that carries its counts. */
class DurableCommandBuffer implements CommandBuffer {
  readonly highestStamp: Stamp | null
  readonly #options: CommandBufferOptions
  readonly #ledger: Ledger
  readonly #committer: Committer
  readonly #stored: StoredCommands
  readonly #appends: AppendQueue

  constructor(options: CommandBufferOptions, ledger: Ledger, highestStamp: Stamp | null) {
    const { store, log } = options
    this.highestStamp = highestStamp
    this.#options = options
    this.#ledger = ledger
    this.#committer = new Committer(store, log)
    this.#stored = new StoredCommands(store, (collection, entry) => this.#putAside(collection, entry))
    this.#appends = new AppendQueue({
      committer: this.#committer,
      ledger,
      // By its record: an index row may outlive one that went bad.
      isPending: (operation) => this.#stored.find(operation) !== null,
    })
  }

  append(command: AnyCommand, stamp: Stamp, isStampGuessed = false): Promise<AppendResult> {
    try {
      return this.#appends.append(command, stamp, isStampGuessed)
    } catch (error) {
      return error instanceof OrderedStoreError ? Promise.resolve('unavailable') : Promise.reject(error as Error)
    }
  }

  holds(entity: string): boolean {
    return this.#appends.holds(entity) || this.#stored.hasEntity(entity)
  }

  next(priority: PriorityClass, after: number | null, limit: number, bytes: number) {
    return this.#stored.next(priority, after, limit, bytes)
  }

  find(operation: OperationId) {
    return this.#stored.find(operation)
  }

  findDead(operation: OperationId) {
    return this.#stored.findDead(operation)
  }

  ofEntity(entity: string, limit?: number) {
    return this.#stored.ofEntity(entity, limit)
  }

  ofActor(query: PendingQuery) {
    return this.#stored.ofActor(query)
  }

  deadOfActor(actor: UserId, limit: number) {
    return this.#stored.deadOfActor(actor, limit)
  }

  dispose(disposals: readonly Disposal[], at: number): Promise<void> {
    const diedAt = Math.max(0, Math.trunc(at))
    return this.#committer.inTurn(async () => {
      const found = disposalsOf(this.#options.store, this.#stored, disposals, diedAt)
      if (found !== null) await this.#commit(found.puts, found.removes, found.change)
    })
  }

  forgetDead(before: number, limit: number): Promise<number> {
    return this.#committer.inTurn(async () => {
      const old = this.#options.store.range(collections.dead, { limit }).filter(({ key }) => (key[0] as number) < before)
      const forgotten = old.flatMap((entry) => {
        const letter = this.#stored.deadAt(entry)
        return letter === null ? [] : [removesOf(deadTable, entry.key, letter, entry.value.length)]
      })
      if (forgotten.length > 0) await this.#commit([], forgotten.flat(), { deadLetters: -forgotten.length })
      return forgotten.length
    })
  }

  remember(stamp: Stamp): Promise<void> {
    return this.#committer.inTurn(() => this.#commit([], [], { highestStamp: stamp }))
  }

  level(): BufferLevel {
    const { limits, hasRoom = () => true } = this.#options
    const { deadLetters, quarantined } = this.#ledger.committed
    const { hasFailed } = this.#committer
    const isBelowLimits = this.#ledger.admits({ priority: 1, actor: null, bytes: maxRecordBytes })
    return {
      ...this.#ledger.pending,
      countLimit: limits.count,
      bytesLimit: limits.bytes,
      deadLetters,
      quarantined,
      isAccepting: !hasFailed && isBelowLimits && hasRoom(),
      hasFailed,
    }
  }

  async #commit(puts: readonly OrderedPut[], removes: readonly OrderedRemove[], counted: CountChange): Promise<void> {
    const change = this.#ledger.prepare(counted)
    try {
      await this.#committer.commit([...puts, ...change.puts], [...removes, ...change.removes])
    } catch (error) {
      change.abandon()
      throw error
    }
    change.apply()
  }

  /**
   * A row went bad since the opening. Its entity and actor cannot be told from it, so what the indexes and the actor’s total
   * say of it stays until the next opening, which is on the safe side.
   */
  #putAside(collection: string, entry: OrderedEntry): void {
    const { store, log } = this.#options
    const work = async (): Promise<void> => {
      if (store.get(collection, entry.key) === undefined) return
      const { put, remove } = moveAside(collection, entry)
      const [priority] = entry.key as readonly [PriorityClass]
      const isQueue = collection === queueTable.collection
      const counted = isQueue ? { removed: [{ priority, actor: null, bytes: entry.value.length }] } : { deadLetters: -1 }
      await this.#commit([put], [remove], { ...counted, quarantined: 1 })
      log.error('A record of the buffer cannot be read and was put aside', undefined, { collection, priority })
    }
    // The committer has logged it; the next read comes here again.
    this.#committer.inTurn(work).catch(() => undefined)
  }
}
