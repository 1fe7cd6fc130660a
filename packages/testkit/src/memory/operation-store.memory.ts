import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import {
  StoreError,
  type CommitBatch,
  type OperationStore,
  type OperationWrite,
  type StoredOperation,
} from '@holdfast/usecases/ports/operation-store'

type AnyRow = RowOf<EntityKind>
type AnyOperation = OperationWrite<EntityKind>

/** The store in memory, with doors for tests: it sits the same exam as the real ones. */
export interface MemoryOperationStore extends OperationStore {
  /** Every row of a kind. */
  rows<Kind extends EntityKind>(kind: Kind): readonly RowOf<Kind>[]
  operations(): readonly AnyOperation[]
  lost(): readonly CommitBatch<EntityKind>['lost'][number][]
  /** Rows that somebody else holds: they are not written. */
  readonly locked: Set<string>
  /** Calls so far. */
  readonly calls: { read: number; commit: number }
  /** Asked before each call; what it throws is what the call rejects with. */
  beforeCall: (call: 'read' | 'commit', batch: CommitBatch<EntityKind> | null) => Promise<void> | void
}

/** An empty store, whose clock is `now`. Rows and operations are copied in and out, so that nobody changes them from afar. */
export function createMemoryOperationStore(now: () => number = Date.now): MemoryOperationStore {
  const tables = new Map<EntityKind, Map<string, AnyRow>>()
  const operations = new Map<OperationId, AnyOperation>()
  const lost: CommitBatch<EntityKind>['lost'][number][] = []
  const tableOf = (kind: EntityKind): Map<string, AnyRow> => {
    const table = tables.get(kind) ?? new Map<string, AnyRow>()
    tables.set(kind, table)
    return table
  }

  const store: MemoryOperationStore = {
    locked: new Set(),
    calls: { read: 0, commit: 0 },
    beforeCall: () => undefined,
    rows: (kind) => structuredClone([...tableOf(kind).values()]) as never,
    operations: () => [...operations.values()],
    lost: () => lost,
    async read(kind, entities, ids) {
      store.calls.read += 1
      await store.beforeCall('read', null)
      const rows = entities.flatMap((id) => tableOf(kind).get(id) ?? [])
      const found = ids.flatMap((id) => operations.get(id) ?? [])
      return {
        rows: new Map(rows.map((row) => [row.id, structuredClone(row)])) as never,
        operations: new Map(found.map((operation) => [operation.id, structuredClone(operation) as unknown as StoredOperation<never>])),
        at: Math.trunc(now()),
      }
    },
    async commit(kind, batch) {
      store.calls.commit += 1
      await store.beforeCall('commit', batch as unknown as CommitBatch<EntityKind>)
      const table = tableOf(kind)
      const written = new Set<string>()
      for (const { row, expectedRevision } of batch.rows)
        if (!store.locked.has(row.id) && (table.get(row.id)?.revision ?? 0) === expectedRevision) written.add(row.id)
      const recorded = batch.operations.filter((operation) => !operation.dependsOnRow || written.has(operation.entity))
      if (recorded.some(({ id }) => operations.has(id))) throw new StoreError('contended', '23505')
      for (const { row } of batch.rows) if (written.has(row.id)) table.set(row.id, structuredClone(row))
      for (const operation of recorded) operations.set(operation.id, structuredClone(operation) as unknown as AnyOperation)
      lost.push(...batch.lost.filter(({ entity }) => written.has(entity)))
      return written
    },
  }
  return store
}
