import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { Due } from '@holdfast/domain/task'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { parseTime } from '../schema/columns.ts'
import { tasks } from '../schema/tasks.ts'
import { grants, profiles, sessions, users } from '../schema/users.ts'

/** A stored row as JSON: member names are column names, times ISO text. */
export type StoredRow = Readonly<Record<string, unknown>>

/** How the rows of one kind lie in their table. */
export interface EntityTable<Kind extends EntityKind> {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  store(row: RowOf<Kind>): StoredRow
  restore(stored: StoredRow): RowOf<Kind>
}

const iso = (milliseconds: number | null): string | null => (milliseconds === null ? null : new Date(milliseconds).toISOString())

/** What a kind does in its own way: the columns that are no members of its row, and how they are made of it and read. */
interface OwnColumns<Kind extends EntityKind> {
  readonly members: readonly string[]
  store(row: RowOf<Kind>): StoredRow
  restore(stored: StoredRow): Partial<RowOf<Kind>>
}

/** Names of a row’s members → its columns; those ending in `At` are times. */
function entityTable<Kind extends EntityKind>(
  table: PgTable,
  renamed: Readonly<Record<string, string>> = {},
  own: OwnColumns<Kind> | null = null,
): EntityTable<Kind> {
  const config = getTableConfig(table)
  const members = Object.entries(table)
    .filter(([member, column]) => config.columns.includes(column as never) && own?.members.includes(member) !== true)
    .map(([member, column]) => ({
      member: renamed[member] ?? member,
      column: (column as { name: string }).name,
      isTime: member.endsWith('At'),
    }))
  return {
    name: config.name,
    columns: config.columns.map((column) => ({ name: column.name, type: column.getSQLType() })),
    store(row) {
      const stored: Record<string, unknown> = {}
      for (const { member, column, isTime } of members) {
        const value = (row as unknown as Record<string, unknown>)[member]
        if (value !== undefined) stored[column] = isTime ? iso(value as number | null) : value
      }
      return own === null ? stored : Object.assign(stored, own.store(row))
    },
    restore(stored) {
      const row: Record<string, unknown> = {}
      for (const { member, column, isTime } of members) {
        const value = stored[column] ?? null
        row[member] = isTime && value !== null ? parseTime(value as string) : value
      }
      return (own === null ? row : Object.assign(row, own.restore(stored))) as unknown as RowOf<Kind>
    },
  }
}

/** A due day is its midnight in UTC without a zone. */
export function restoreDue(dueAt: number | null, dueZone: string | null): Due | null {
  if (dueAt === null) return null
  const instant = new Date(dueAt).toISOString()
  return dueZone === null ? { date: instant.slice(0, 10) } : { instant, zone: dueZone }
}

function storeDue(due: Due | null): StoredRow {
  if (due === null) return { due_at: null, due_zone: null }
  return 'date' in due ? { due_at: `${due.date}T00:00:00.000Z`, due_zone: null } : { due_at: due.instant, due_zone: due.zone }
}

const taskDue: OwnColumns<'task'> = {
  members: ['dueAt', 'dueZone'],
  store: (row) => storeDue(row.due),
  restore(stored) {
    const dueAt = stored['due_at'] as string | null
    return { due: restoreDue(dueAt === null ? null : parseTime(dueAt), stored['due_zone'] as string | null) }
  },
}

/** The table of every kind. */
export const entityTables: { readonly [Kind in EntityKind]: EntityTable<Kind> } = {
  task: entityTable<'task'>(tasks, {}, taskDue),
  profile: entityTable<'profile'>(profiles),
  session: entityTable<'session'>(sessions),
  grant: entityTable<'grant'>(grants, { userId: 'user' }),
  user: entityTable<'user'>(users),
}
