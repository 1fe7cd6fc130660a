import type { PGlite } from '@electric-sql/pglite'
import type { DurableNodeFS } from './durable-node-fs.ts'

const required = { fsync: 'on', wal_sync_method: 'fsync', synchronous_commit: 'on', full_page_writes: 'on' }
const commits = 3

/**
 * Durability rests on an inner part of PGlite (see `DurableNodeFS`), so every open proves it anew: the settings are right, and each
 * commit reaches the disk. A transactional log message is a committed write that needs no table.
 *
 * @throws one clear error, upon which the database must not be used
 */
export async function assertDurable(database: PGlite, files: DurableNodeFS): Promise<void> {
  for (const [name, value] of Object.entries(required)) {
    const { rows } = await database.query<{ value: string }>('select current_setting($1) as value', [name])
    if (rows[0]?.value !== value) throw notDurable(`${name} is ${rows[0]?.value} and must be ${value}`)
  }
  for (let commit = 0; commit < commits; commit++) {
    const before = files.fsyncCount
    await database.query(`select pg_logical_emit_message(true, 'holdfast', 'start')`)
    if (files.fsyncCount <= before) throw notDurable('a commit did not reach the disk (no fsync was seen)')
  }
}

function notDurable(reason: string): Error {
  return new Error(
    `The embedded database is not durable: ${reason}. Install the exact version of @electric-sql/pglite that the lock file names.`,
  )
}
