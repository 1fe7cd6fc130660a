import { waitUntil } from '@holdfast/testkit/wait-until'
import type postgres from 'postgres'
import { withSql } from '@holdfast/acceptance/with-sql'

/** A backend of Postgres that stands still in the middle of a commit. */
export interface FrozenBackend {
  /** SIGCONT: it ends its commit. May be called twice. */
  thaw(): void
}

const timeoutMs = 5_000

/**
 * Freezes the backend that commits the write begun by `write`: its changes are made and hold their locks, it is not seen whether they
 * will be, and nobody is answered. Until then every commit waits for a standby that does not exist. For a server of one's own.
 */
export const freezeDuring = (databaseUrl: string, write: () => void): Promise<FrozenBackend> =>
  withSql(databaseUrl, async (sql) => {
    try {
      await waitForStandby(sql, 'nobody')
      write()
      const committing = async (): Promise<number | undefined> => {
        const [row] = await sql<{ pid: number }[]>`select pid from pg_stat_activity where wait_event = 'SyncRep' and query like '%tasks%'`
        return row?.pid
      }
      const pid = await waitUntil(committing, { timeoutMs, everyMs: 5, problem: () => 'no backend committed a task' })
      process.kill(pid, 'SIGSTOP')
      let isFrozen = true
      const thaw = (): void => {
        // Thawed, it soon ends: its client has left.
        if (isFrozen) process.kill(pid, 'SIGCONT')
        isFrozen = false
      }
      return { thaw }
    } finally {
      await waitForStandby(sql, '')
    }
  })

/** The setting takes hold when the server has read it, not when it is written. */
async function waitForStandby(sql: postgres.Sql, name: 'nobody' | ''): Promise<void> {
  await sql.unsafe(`alter system set synchronous_standby_names = '${name}'`)
  await sql`select pg_reload_conf()`
  const isSet = async (): Promise<true | undefined> => {
    const [row] = await sql<{ setting: string }[]>`select current_setting('synchronous_standby_names') as setting`
    return row?.setting === name || undefined
  }
  await waitUntil(isSet, { timeoutMs, problem: () => 'the server did not read its configuration' })
}
