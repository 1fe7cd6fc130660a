import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/open-database.ts'
import { migratedDatabase, openServer } from '../store/database.fixture.ts'
import { auditLog, instances } from './fleet.ts'
import { operationResponses, operations } from './operations.ts'
import { taskConflicts, tasks } from './tasks.ts'
import { erasedUsers, grants, profiles, roles, sessions, subjects, users } from './users.ts'

const tables: readonly PgTable[] = [
  auditLog,
  erasedUsers,
  grants,
  instances,
  operationResponses,
  operations,
  profiles,
  roles,
  sessions,
  subjects,
  taskConflicts,
  tasks,
  users,
]
const sqlType = (type: string): string => ({ 'timestamptz(3)': 'timestamp(3) with time zone', bigserial: 'bigint' })[type] ?? type

describeWhen(postgresAvailability(), 'the Drizzle schema and the migrations say the same', () => {
  let testDatabase: TestDatabase
  let database: Database
  const ask = (text: string, ...parameters: string[]) => database.lanes.read().query(text, parameters, 5_000)
  beforeAll(async () => {
    testDatabase = await migratedDatabase()
    database = await openServer(testDatabase.url)
  })
  afterAll(async () => {
    await database.close()
    await testDatabase.drop()
  })

  test('the same tables', async () => {
    const found = await ask(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
    )
    const expected = [...tables.map((table) => getTableConfig(table).name), 'holdfast_migrations'].toSorted()
    expect(found.flat()).toEqual(expected)
  })

  test.each(tables.map((table) => [getTableConfig(table).name, getTableConfig(table)] as const))(
    '%s: the same columns and indexes',
    async (name, config) => {
      const columns = await ask(
        `select attname::text, format_type(atttypid, atttypmod), attnotnull from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attname`,
        name,
      )
      const expected = config.columns.map((column) => [column.name, sqlType(column.getSQLType()), column.notNull])
      expect(columns).toEqual(expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
      const indexes = await ask(
        `select relname::text from pg_index join pg_class on oid = indexrelid where indrelid = $1::regclass and not indisprimary order by 1`,
        name,
      )
      expect(indexes.flat()).toEqual(config.indexes.map((index) => String(index.config.name)).toSorted())
    },
  )
})
