import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { startProcess, type ServiceProcess } from '@holdfast/testkit/child-process'
import type { TestDatabase } from '@holdfast/testkit/database'
import { waitUntil } from '@holdfast/testkit/wait-until'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repositoryRoot, serviceEntry } from './repository.ts'
import { emptyDatabase, smallBuffer } from './service.ts'

const processes = 8
const migrations = readdirSync(join(repositoryRoot, 'drizzle')).filter((name) => name.endsWith('.sql'))
/** As in packages/postgres/src/migrations/migrate.ts: only one migration runs at a time. */
const advisoryLock = '4873520156632901'

describeWhen(postgresAvailability(), 'eight processes that start at once on an empty database', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-'))
  let database: TestDatabase
  let started: readonly ServiceProcess[] = []
  beforeAll(async () => {
    database = await emptyDatabase()
    const release = await holdMigrations(database.url)
    const starting = Array.from({ length: processes }, (_, index) => start(`instance-${index}`))
    // However slow this machine is: all of them stand at the same door when it opens.
    ;[started] = await Promise.all([Promise.all(starting), release()])
  }, 60_000)
  afterAll(async () => {
    await Promise.all(started.map((child) => child.kill('SIGKILL')))
    await database?.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  const start = (name: string): Promise<ServiceProcess> =>
    startProcess({
      command: process.execPath,
      args: [serviceEntry],
      cwd: repositoryRoot,
      env: { PORT: '0', DATA_DIR: join(directory, name), DATABASE_URL: database.url, ...smallBuffer },
      readyWhen: /listens on (http:\/\/\S+)/,
    })

  test('apply each migration once, all together', () => {
    const applied = started.flatMap((child) =>
      [...child.output().matchAll(/"migrations":"([^"]+)"/g)].flatMap(([, names = '']) => names.split(', ')),
    )
    expect(applied.toSorted()).toEqual(migrations.toSorted())
  })

  test('are all up', async () => {
    const ready = await Promise.all(
      started.map(async ({ readyMatch }) => (await fetch(`${readyMatch?.[1]}/readyz`, { signal: AbortSignal.timeout(5_000) })).status),
    )
    expect(ready).toEqual(Array.from({ length: processes }, () => 200))
  })
})

/** Holds the lock of migrations; what it answers lets go of it once all processes wait for it. */
async function holdMigrations(url: string): Promise<() => Promise<void>> {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
  await sql`select pg_advisory_lock(${advisoryLock}::bigint)`
  const waiting = async (): Promise<number> => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`
    return row?.waiting ?? 0
  }
  return async () => {
    try {
      await waitUntil(async () => ((await waiting()) === processes ? true : undefined), {
        timeoutMs: 40_000,
        everyMs: 50,
        problem: () => `not all ${processes} processes came to the lock of migrations`,
      })
    } finally {
      await sql.end({ timeout: 5 })
    }
  }
}
