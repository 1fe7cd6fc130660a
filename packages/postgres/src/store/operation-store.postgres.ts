import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import type {
  CommitBatch,
  OperationStore,
  OperationWrite,
  StoreCall,
  StoredOperation,
  StoreRead,
} from '@holdfast/usecases/ports/operation-store'
import type { Lane } from '../lanes/lane.ts'
import type { LaneSet } from '../lanes/lane-set.ts'
import { uuidArray } from '../repositories/uuid-array.ts'
import { entityTables, type StoredRow } from './entity-tables.ts'
import { entityStatements } from './statements.ts'
import { readFailure, storeFailure } from './store-failure.ts'

interface FoundOperation {
  readonly id: string
  readonly entity: string
  readonly fingerprint: string | null
  readonly outcome: string
  readonly reason: string | null
  readonly revision: number
  readonly body: string | null
}

/** The store of operations over lanes, on Postgres and on the embedded engine alike: one statement to read, one to commit. */
export function createOperationStore(lanes: LaneSet): OperationStore {
  const laneOf = ({ lane }: StoreCall): Lane => (lane === 'drain' ? lanes.drain : lanes.direct(lane === 'direct-0' ? 0 : 1))
  return {
    async read(kind, entities, operations, call) {
      try {
        const parameters = [uuidArray(entities), uuidArray(operations)]
        const [row] = await laneOf(call).query(entityStatements[kind].read, parameters, call.deadlineMs)
        return readResult(kind, row as readonly [string, string, string])
      } catch (error) {
        throw readFailure(error)
      }
    },
    async commit(kind, batch, call) {
      const parameters = commitParameters(kind, batch)
      try {
        const rows = await laneOf(call).query(entityStatements[kind].commit, parameters, call.deadlineMs)
        return new Set(rows.map(([id]) => id as string))
      } catch (error) {
        throw storeFailure(error)
      }
    },
  }
}

function readResult<Kind extends EntityKind>(
  kind: Kind,
  [rowsText, operationsText, at]: readonly [string, string, string],
): StoreRead<Kind> {
  const table = entityTables[kind]
  const rows = new Map<string, RowOf<Kind>>()
  for (const stored of JSON.parse(rowsText) as StoredRow[]) {
    const row = table.restore(stored) as RowOf<Kind>
    rows.set(row.id, row)
  }
  const operations = new Map<OperationId, StoredOperation<Kind>>()
  for (const found of JSON.parse(operationsText) as FoundOperation[]) {
    const id = found.id as OperationId
    const response = found.body === null ? null : (JSON.parse(found.body) as RowOf<Kind>)
    const { entity, fingerprint, outcome, reason, revision } = found
    operations.set(id, { id, entity, fingerprint, outcome, reason, revision, response } as StoredOperation<Kind>)
  }
  return { rows, operations, at: Number(at) }
}

function commitParameters<Kind extends EntityKind>(kind: Kind, batch: CommitBatch<Kind>): readonly string[] {
  const table = entityTables[kind]
  const rows = batch.rows.map(({ row, expectedRevision }) => Object.assign(table.store(row), { expected_revision: expectedRevision }))
  const lost = batch.lost.map(({ operation, entity, owner, value }) => ({ operation, task: entity, owner, ...value }))
  return [JSON.stringify(rows), JSON.stringify(batch.operations.map(storedOperation)), JSON.stringify(lost)]
}

const storedOperation = <Kind extends EntityKind>(operation: OperationWrite<Kind>) => ({
  id: operation.id,
  actor: operation.actor,
  name: operation.name,
  kind: operation.kind,
  entity: operation.entity,
  fingerprint: operation.fingerprint,
  stamp: operation.stamp,
  accepted_at: new Date(operation.acceptedAt).toISOString(),
  instance: operation.instance,
  acknowledged_as: operation.acknowledgedAs,
  outcome: operation.outcome,
  reason: operation.reason,
  revision: operation.revision,
  depends_on_row: operation.dependsOnRow,
  response: operation.response === null ? null : JSON.stringify(operation.response),
})
