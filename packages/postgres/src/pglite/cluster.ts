import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { DurableNodeFS, flushPath } from './durable-node-fs.ts'

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

/**
 * Makes the database cluster in a directory beside its place, flushes every file and directory of it, and only then gives it its name.
 * A process that dies on the way leaves nothing that a later start would take for a database.
 */
export async function createCluster(directory: string): Promise<void> {
  const place = clusterPath(directory)
  if (existsSync(place) && readdirSync(place).length > 0) throw new Error(`${place} holds something that is not a database; move it away`)
  const draft = join(directory, 'cluster.creating')
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  const { database } = await openCluster(draft)
  await database.close()
  flushTree(draft)
  renameSync(draft, place)
  flushPath(directory)
  flushPath(dirname(directory))
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

function flushTree(path: string): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) flushTree(join(path, name))
  flushPath(path)
}
