import type { StatementSession } from './statement-session.ts'

/** The log is written back to the tables at this size: it bounds the disk, and how long a start after a crash takes. */
const maxLogBytes = 32 * 1024 * 1024

/**
 * What a server's background processes do and a single-process Postgres does not: checkpoints, vacuum, statistics.
 * Does at most one table a call, the one with the most dead rows.
 */
export async function maintain(session: StatementSession): Promise<void> {
  const [log] = await session.run('select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 from pg_control_checkpoint()', [])
  if (Number(log?.[0]) > maxLogBytes) await session.script('checkpoint')

  // The thresholds are those of autovacuum, a little later because a vacuum here makes everybody wait.
  const [table] = await session.run(
    `select format('%I.%I', schemaname, relname), n_dead_tup > 2000 + 0.2 * n_live_tup
     from pg_stat_user_tables
     where n_dead_tup > 2000 + 0.2 * n_live_tup or n_mod_since_analyze > 500 + 0.1 * n_live_tup
     order by n_dead_tup desc limit 1`,
    [],
  )
  if (table !== undefined) await session.script(`${table[1] === true ? 'vacuum (analyze)' : 'analyze'} ${String(table[0])}`)
}
