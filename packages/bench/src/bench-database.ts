import { migrationsDirectory, openDatabase, type Database } from '@holdfast/postgres/open-database'
import { testDatabase } from '@holdfast/testkit/database'
import postgres from 'postgres'

/** Long enough that no batch is cut short: batches are measured here, not deadlines. */
export const benchDeadlines = { lockMs: 100, statementMs: 20_000, connectMs: 5_000, readMs: 20_000 } as const

const open = (url: string): Promise<Database> =>
  openDatabase({ mode: 'postgres', url }, { deadlines: benchDeadlines, onProgress: () => undefined })

export interface BenchDatabase {
  readonly database: Database
  readonly url: string
  /** Runs a statement over a connection of its own. */
  ask(text: string): Promise<readonly Record<string, unknown>[]>
  /** Drops it. */
  drop(): Promise<void>
}

/** A migrated database of our own on the server of `TEST_DATABASE_URL`, else on one that is started for it. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  const made = await testDatabase({
    migrationsDirectory,
    async migrate(url) {
      const database = await open(url)
      await database.migrate()
      await database.close()
    },
  })
  const database = await open(made.url)
  const sql = postgres(made.url, { max: 1, onnotice: () => undefined })
  return {
    database,
    url: made.url,
    ask: (text) => sql.unsafe(text),
    async drop() {
      await Promise.all([database.close(), sql.end({ timeout: 5 })])
      await made.drop()
    },
  }
}

/** Fills the tables as a service in use has them, so that indexes have their depth: `count` tasks of 1,000 users, each made by one operation. */
export async function fillTables({ ask }: BenchDatabase, count: number): Promise<void> {
  await ask(`insert into tasks (id, owner, revision, last_operation, title, description, status, priority, position, labels, clock,
    is_deleted, created_at, updated_at)
  select gen_random_uuid(), md5((n % 1000)::text)::uuid, 1, gen_random_uuid(), 'Task ' || n, repeat('description ', 8), 'todo', 'none', '', '{}',
    '["0mi0000000000examined"]', false, now() - n * interval '1 second', now() - n * interval '1 second'
  from generate_series(1, ${count}) as n`)
  await ask(`insert into operations (id, actor, name, kind, entity, stamp, accepted_at, instance, acknowledged_as, outcome, revision)
  select last_operation, owner, 'tasks.create', 'task', id, '0mi0000000000examined', created_at, 'examined', 'committed', 'applied', 1 from tasks`)
  await ask('vacuum analyze tasks')
  await ask('vacuum analyze operations')
  await ask('checkpoint')
}
