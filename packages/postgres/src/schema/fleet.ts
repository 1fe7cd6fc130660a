import { sql } from 'drizzle-orm'
import { bigserial, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { milliseconds } from './columns.ts'

/** Instances and what waits in their buffers, so that pending work whose owner is silent is seen everywhere. */
export const instances = pgTable('instances', {
  id: text('id').primaryKey(),
  startedAt: milliseconds('started_at').notNull(),
  lastSeenAt: milliseconds('last_seen_at').notNull(),
  pendingOperations: integer('pending_operations').notNull(),
  buffer: text('buffer').notNull(),
})

/** Who did what, append-only, copied from `operations`; partitioned by month. */
export const auditLog = pgTable(
  'audit_log',
  {
    sequence: bigserial('sequence', { mode: 'number' }).notNull(),
    recordedAt: milliseconds('recorded_at')
      .notNull()
      .default(sql`clock_timestamp()` as never),
    actor: uuid('actor').notNull(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    entity: uuid('entity').notNull(),
    operation: uuid('operation'),
    outcome: text('outcome').notNull(),
    acceptedAt: milliseconds('accepted_at').notNull(),
    appliedAt: milliseconds('applied_at'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sequence, table.recordedAt] }), index('audit_log_by_actor').on(table.actor, table.recordedAt)],
)
