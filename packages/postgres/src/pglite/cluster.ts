import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { DurableNodeFS } from './durable-node-fs.ts'

/**
 * Server settings of the embedded database.
 * - no `-F` (it turns fsync off); `wal_sync_method=fsync` because PGlite's fdatasync does nothing;
 * - small memory, and little log kept: the engine asks for checkpoints itself;
 * - rows are found by an index, as on a server (`postgres-connection.ts`).
 */
const settings = [
  'wal_sync_method=fsync',
  'shared_buffers=16MB',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
  'temp_file_limit=256MB',
  'jit=off',
  'enable_seqscan=off',
]
const startParameters = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...settings.flatMap((setting) => ['-c', setting]),
]

export function clusterPath(directory: string): string {
  return join(directory, 'cluster')
}

export function clusterExists(directory: string): boolean {
  return existsSync(join(clusterPath(directory), 'PG_VERSION'))
}

/** Postgres leaves this file behind when it did not shut down. */
export function needsRecovery(directory: string): boolean {
  return existsSync(join(clusterPath(directory), 'postmaster.pid'))
}

/** Opens a cluster. Rejects with what Postgres said when it could not start. */
export async function openCluster(path: string): Promise<{ database: PGlite; files: DurableNodeFS }> {
  // What a killed statement spilled to disk; a server would remove it at its start.
  rmSync(join(path, 'base', 'pgsql_tmp'), { recursive: true, force: true })
  const files = new DurableNodeFS(path)
  const complaints: string[] = []
  let isOpen = false
  const database = new PGlite({
    fs: files,
    startParams: startParameters,
    // Once statements run, these lines quote them: nothing of that may leave the engine.
    onStderr: (line) => {
      if (!isOpen && /FATAL|PANIC|HINT/.test(line)) complaints.push(line.replace(/^.*?(FATAL|PANIC|HINT):\s*/, ''))
      return false
    },
  })
  try {
    await database.waitReady
  } catch (error) {
    throw complaints.length > 0 ? new Error(complaints.join(' '), { cause: error }) : error
  }
  isOpen = true
  return { database, files }
}
