import { sql } from 'drizzle-orm'
import { boolean, customType, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { milliseconds } from './columns.ts'

const bytes = customType<{ data: Uint8Array; driverData: string }>({
  dataType: () => 'bytea',
  toDriver: (value) => `\\x${Buffer.from(value).toString('hex')}`,
  fromDriver: (value) => Buffer.from(value.replace(/^\\x/, ''), 'hex'),
})

/** Pseudonyms. */
export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  revision: integer('revision').notNull(),
  lastOperation: uuid('last_operation').notNull(),
  clock: text('clock').notNull(),
  createdAt: milliseconds('created_at').notNull(),
  isDisabled: boolean('is_disabled').notNull(),
  updatedAt: milliseconds('updated_at').notNull(),
})

/** The only link from an identity to a user: a keyed digest of issuer and subject. */
export const subjects = pgTable(
  'subjects',
  {
    keyId: text('key_id').notNull(),
    digest: bytes('digest').notNull(),
    userId: uuid('user_id').notNull(),
    linkedAt: milliseconds('linked_at')
      .notNull()
      .default(sql`clock_timestamp()` as never),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.digest] }), index('subjects_by_user').on(table.userId)],
)

/** Users whose data was erased: what arrives late for them is refused. Outlives every operation. */
export const erasedUsers = pgTable('erased_users', {
  userId: uuid('user_id').primaryKey(),
  erasedAt: milliseconds('erased_at').notNull(),
})

/** Roles of users; the roles themselves, beside those built in, are in `roles`. */
export const grants = pgTable(
  'grants',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id').notNull(),
    role: text('role').notNull(),
    revision: integer('revision').notNull(),
    lastOperation: uuid('last_operation').notNull(),
    clock: text('clock').notNull(),
    isGranted: boolean('is_granted').notNull(),
    updatedAt: milliseconds('updated_at').notNull(),
  },
  (table) => [index('grants_by_user').on(table.userId)],
)

export const roles = pgTable('roles', {
  name: text('name').primaryKey(),
  permissions: text('permissions').array().notNull(),
  updatedAt: milliseconds('updated_at').notNull(),
})

export const profiles = pgTable('profiles', {
  id: uuid('id').primaryKey(),
  revision: integer('revision').notNull(),
  lastOperation: uuid('last_operation').notNull(),
  clock: text('clock').notNull(),
  locale: text('locale').notNull(),
  timeZone: text('time_zone').notNull(),
  theme: text('theme').notNull(),
  weekStart: text('week_start').notNull(),
  notifications: jsonb('notifications').notNull(),
  updatedAt: milliseconds('updated_at').notNull(),
})

export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    owner: uuid('owner').notNull(),
    revision: integer('revision').notNull(),
    lastOperation: uuid('last_operation').notNull(),
    clock: text('clock').notNull(),
    createdAt: milliseconds('created_at').notNull(),
    authenticatedAt: milliseconds('authenticated_at').notNull(),
    expiresAt: milliseconds('expires_at').notNull(),
    lastSeenAt: milliseconds('last_seen_at').notNull(),
    presentations: jsonb('presentations').notNull(),
    endedAt: milliseconds('ended_at'),
    endReason: text('end_reason'),
  },
  (table) => [
    index('sessions_by_owner').on(table.owner),
    index('sessions_by_creation')
      .on(table.owner, table.createdAt, table.id)
      .where(sql`ended_at is null`),
    index('sessions_by_end')
      .on(table.endedAt)
      .where(sql`ended_at is not null`),
    index('sessions_by_expiry').on(table.expiresAt),
  ],
)
