import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { mergeTask } from '@holdfast/domain/merge-task'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import type { Lane } from '@holdfast/postgres/lane'
import type { BenchDatabase } from './bench-database.ts'

const taskColumns =
  'id owner revision last_operation title description status priority due_at due_zone position labels clock is_deleted created_at updated_at completed_at'
const operationColumns = 'id actor name kind entity fingerprint stamp accepted_at instance acknowledged_as outcome reason revision'

/** The two rows of a creation, as they lie in their tables. */
export interface BareRows {
  readonly task: Readonly<Record<string, unknown>>
  readonly operation: Readonly<Record<string, unknown>>
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** What a creation comes to, without the engine. */
export function bareRows(command: TaskCommand, clock: HybridClock, instance: InstanceId): BareRows {
  const stamp = clock.next()
  const row = mergeTask(null, command, stamp, 'direct').row as TaskRow
  const { id, owner, revision, title, description, status, priority, position, labels } = row
  const times = { created_at: iso(row.createdAt), updated_at: iso(row.updatedAt), completed_at: null, due_at: null, due_zone: null }
  const fields = { title, description, status, priority, position, labels }
  const task = { id, owner, revision, last_operation: row.lastOperation, ...fields, clock: row.clock, is_deleted: row.isDeleted, ...times }
  const { operationId, actor, name, kind, entity, fingerprint } = command
  const outcome = { acknowledged_as: 'committed', outcome: 'applied', reason: null, revision: 1 }
  const accepted = { stamp, accepted_at: iso(command.acceptedAt), instance }
  return { task, operation: { id: operationId, actor, name, kind, entity, fingerprint, ...accepted, ...outcome } }
}

/**
 * F, the floor: the plainest statement that inserts the same two rows into the same tables with the same indexes. It checks
 * nothing: whatever applies a command cannot be faster than this.
 */
export async function prepareBareInsert(
  { ask }: BenchDatabase,
  lane: Lane,
  deadlineMs: number,
): Promise<(rows: readonly BareRows[]) => Promise<void>> {
  const typesOf = async (table: string, columns: readonly string[]): Promise<string> => {
    const found = await ask(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = '${table}'::regclass and attnum > 0`,
    )
    return columns.map((column) => `${column} ${String(found.find(({ name }) => name === column)?.['type'])}`).join(', ')
  }
  const insert = async (table: string, names: string, parameter: string): Promise<string> => {
    const columns = names.split(' ')
    return `insert into ${table} (${columns.join(', ')}) select ${columns.join(', ')} from jsonb_to_recordset(${parameter}::text::jsonb)
    as given (${await typesOf(table, columns)})`
  }
  const statement = `with task as (${await insert('tasks', taskColumns, '$1')}) ${await insert('operations', operationColumns, '$2')}`
  return async (rows) => {
    const parameters = [JSON.stringify(rows.map(({ task }) => task)), JSON.stringify(rows.map(({ operation }) => operation))]
    await lane.query(statement, parameters, deadlineMs)
  }
}
