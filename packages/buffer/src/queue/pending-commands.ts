import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import type { PriorityClass } from '@holdfast/domain/priority-class'
import type { DeadLetter, PendingCommand, PendingCommands, PendingQuery } from '@holdfast/usecases/ports/command-buffer'
import type { OrderedEntry, OrderedKey, OrderedRange, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { readAttempts } from './attempts.ts'
import { collections } from './collections.ts'
import { deadTable } from './dead-record.ts'
import { rowKeyOf, type IndexedTable } from './indexed-table.ts'
import { queueTable } from './queued-record.ts'

const pageLength = 64
const indexPageLength = 500

/** Told of a row that cannot be read, which is then passed over. */
export type OnUnreadable = (collection: string, entry: OrderedEntry) => void

/** Reads of the queue and of the dead letters, from the store each time: what is not on disk is not seen. */
export class StoredCommands implements PendingCommands {
  readonly #store: OrderedStore
  readonly #onUnreadable: OnUnreadable

  constructor(store: OrderedStore, onUnreadable: OnUnreadable) {
    this.#store = store
    this.#onUnreadable = onUnreadable
  }

  find(operation: OperationId): PendingCommand | null {
    for (const entry of this.#found(queueTable, collections.byOperation, operation, {})) {
      const pending = this.pendingAt(entry)
      if (pending !== null) return pending
    }
    return null
  }

  findDead(operation: OperationId): DeadLetter | null {
    for (const entry of this.#found(deadTable, collections.deadByOperation, operation, { isReversed: true })) {
      const letter = this.deadAt(entry)
      if (letter !== null) return letter
    }
    return null
  }

  ofEntity(entity: string, limit = Infinity): readonly PendingCommand[] {
    const range = { limit: Math.min(limit, indexPageLength) }
    return this.#pending(this.#found(queueTable, collections.byEntity, entity, range), limit)
  }

  ofActor({ actor, before, limit }: PendingQuery): readonly PendingCommand[] {
    const range = { isReversed: true, limit: Math.min(limit, indexPageLength), ...(before !== null && { after: [actor, before] }) }
    return this.#pending(this.#found(queueTable, collections.byActor, actor, range), limit)
  }

  deadOfActor(actor: UserId, limit: number): readonly DeadLetter[] {
    const letters: DeadLetter[] = []
    for (const entry of this.#found(deadTable, collections.deadByActor, actor, { isReversed: true })) {
      const letter = this.deadAt(entry)
      if (letter !== null) letters.push(letter)
      if (letters.length >= limit) break
    }
    return letters
  }

  /** Whether the index has a row of this entity, which may outlive a record that went bad. */
  hasEntity(entity: string): boolean {
    return this.#store.keys(collections.byEntity, { prefix: [entity], limit: 1 }).length > 0
  }

  next(priority: PriorityClass, after: number | null, limit: number, bytes: number): readonly PendingCommand[] {
    const found: PendingCommand[] = []
    let taken = 0
    // A key of two parts comes before all longer ones that begin with it, so this is behind every record of `after`.
    let behind: OrderedKey = [priority, after === null ? 0 : after + 1]
    while (found.length < limit) {
      const page = this.#store.range(collections.queue, {
        prefix: [priority],
        after: behind,
        limit: Math.min(pageLength, limit - found.length),
      })
      for (const entry of page) {
        const pending = this.pendingAt(entry)
        if (pending === null) continue
        taken += entry.value.length
        if (found.length > 0 && taken > bytes) return found
        found.push(pending)
      }
      const last = page.at(-1)
      if (last === undefined) break
      behind = last.key
    }
    return found
  }

  pendingAt(entry: OrderedEntry): PendingCommand | null {
    const reading = queueTable.read(entry)
    if (reading.state !== 'read') {
      this.#onUnreadable(collections.queue, entry)
      return null
    }
    const [priority, sequence] = entry.key as readonly [PriorityClass, number]
    return { ...reading.content, priority, sequence, ...readAttempts(this.#store, entry.key) }
  }

  deadAt(entry: OrderedEntry): DeadLetter | null {
    const reading = deadTable.read(entry)
    if (reading.state === 'read') return reading.content
    this.#onUnreadable(collections.dead, entry)
    return null
  }

  #pending(entries: Iterable<OrderedEntry>, limit: number): readonly PendingCommand[] {
    const found: PendingCommand[] = []
    for (const entry of entries) {
      const pending = this.pendingAt(entry)
      if (pending !== null) found.push(pending)
      if (found.length >= limit) break
    }
    return found
  }

  /** The rows that an index names for one entity, actor or operation. One that is gone is passed over. */
  *#found<Content>(
    table: IndexedTable<Content>,
    collection: string,
    part: string,
    { after, isReversed = false, limit = indexPageLength }: Partial<OrderedRange>,
  ): Generator<OrderedEntry> {
    const index = table.indexes.find((candidate) => candidate.collection === collection)
    if (index === undefined) throw new Error(`There is no index ${collection}`)
    let behind = after
    for (;;) {
      const page = this.#store.keys(collection, {
        prefix: [part],
        isReversed,
        limit,
        ...(behind !== undefined && { after: behind }),
      })
      for (const key of page) {
        const row = rowKeyOf(index, key)
        const value = row === null ? undefined : this.#store.get(table.collection, row)
        if (row !== null && value !== undefined) yield { key: row, value }
      }
      if (page.length < limit) return
      behind = page.at(-1)
    }
  }
}
