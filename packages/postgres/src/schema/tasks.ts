import { sql } from 'drizzle-orm'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import { milliseconds } from './columns.ts'

/** A priority as its urgency. Written as in the index `tasks_by_priority`, which only this very expression uses. */
export const urgency = (priority: AnyPgColumn) =>
  sql`(case ${priority} when 'none' then 0 when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4 end)`

/** One row a task, deleted ones too: a deleted row is its own tombstone. No foreign key to users: a user may be erased first. */
export const tasks = pgTable(
  'tasks',
  {
    id: uuid('id').primaryKey(),
    owner: uuid('owner').notNull(),
    revision: integer('revision').notNull(),
    lastOperation: uuid('last_operation').notNull(),
    title: text('title').notNull(),
    description: text('description').notNull(),
    status: text('status').notNull(),
    priority: text('priority').notNull(),
    /** For a whole day (`dueZone` null) its midnight in UTC. */
    dueAt: milliseconds('due_at'),
    dueZone: text('due_zone'),
    position: text('position').notNull(),
    labels: text('labels').array().notNull(),
    clock: text('clock').notNull(),
    isDeleted: boolean('is_deleted').notNull(),
    createdAt: milliseconds('created_at').notNull(),
    updatedAt: milliseconds('updated_at').notNull(),
    completedAt: milliseconds('completed_at'),
  },
  (table) => [
    index('tasks_by_creation')
      .on(table.owner, table.createdAt.desc(), table.id)
      .where(sql`not is_deleted`),
    index('tasks_by_update')
      .on(table.owner, table.updatedAt, table.id)
      .where(sql`not is_deleted`),
    index('tasks_by_due')
      .on(table.owner, table.dueAt, table.id)
      .where(sql`not is_deleted`),
    index('tasks_by_position')
      .on(table.owner, table.position, table.id)
      .where(sql`not is_deleted`),
    index('tasks_by_priority')
      .on(table.owner, urgency(table.priority), table.id)
      .where(sql`not is_deleted`),
  ],
)

/** Values that were written and did not win, for 30 days. */
export const taskConflicts = pgTable(
  'task_conflicts',
  {
    operation: uuid('operation').notNull(),
    task: uuid('task').notNull(),
    owner: uuid('owner').notNull(),
    field: text('field').notNull(),
    value: jsonb('value'),
    stamp: text('stamp').notNull(),
    recordedAt: milliseconds('recorded_at')
      .notNull()
      .default(sql`clock_timestamp()` as never),
  },
  (table) => [
    primaryKey({ columns: [table.operation, table.field] }),
    index('task_conflicts_by_task').on(table.task),
    index('task_conflicts_by_age').on(table.recordedAt),
  ],
)
