import { sql } from 'drizzle-orm'
import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { milliseconds } from './columns.ts'

/** Every operation that took effect or was judged at the drain, for 45 days: what makes each apply once. No content. */
export const operations = pgTable(
  'operations',
  {
    id: uuid('id').primaryKey(),
    actor: uuid('actor').notNull(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    entity: uuid('entity').notNull(),
    fingerprint: text('fingerprint'),
    stamp: text('stamp').notNull(),
    acceptedAt: milliseconds('accepted_at').notNull(),
    appliedAt: milliseconds('applied_at')
      .notNull()
      .default(sql`clock_timestamp()` as never),
    instance: text('instance').notNull(),
    acknowledgedAs: text('acknowledged_as').notNull(),
    outcome: text('outcome').notNull(),
    reason: text('reason'),
    revision: integer('revision').notNull(),
  },
  (table) => [
    index('operations_by_age').using('brin', table.appliedAt),
    index('operations_by_actor').on(table.actor, table.appliedAt.desc(), table.id.desc()),
  ],
)

/** The row as a keyed operation left it, for 48 h: its replay is answered byte for byte. Partitioned by day. */
export const operationResponses = pgTable(
  'operation_responses',
  {
    operation: uuid('operation').notNull(),
    owner: uuid('owner').notNull(),
    storedAt: milliseconds('stored_at')
      .notNull()
      .default(sql`clock_timestamp()` as never),
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.operation, table.storedAt] }), index('operation_responses_by_owner').on(table.owner)],
)
