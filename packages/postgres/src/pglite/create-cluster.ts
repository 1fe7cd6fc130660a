import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clusterExists, clusterPath, openCluster } from './cluster.ts'
import { flushPath } from './durable-node-fs.ts'

/** For `create database`, which is never called: without them 600 files less are copied, and flushed one by one by every recovery. */
const unusedDatabases = ['template0', 'template1']

/**
 * Makes the database cluster in a directory beside its place, flushes every file and directory of it, and only then gives it its name.
 * A process that dies on the way leaves nothing that a later start would take for a database. With a `template`, a directory with such
 * a cluster that was never used, it is copied; where that cannot be, as without one, `initdb` makes it.
 */
export async function createCluster(directory: string, template?: string): Promise<void> {
  const place = clusterPath(directory)
  if (existsSync(place) && readdirSync(place).length > 0) throw new Error(`${place} holds something that is not a database; move it away`)
  const draft = join(directory, 'cluster.creating')
  if (template === undefined || !copyCluster(template, draft)) await initializeCluster(draft)
  flushTree(draft)
  renameSync(draft, place)
  flushPath(directory)
  flushPath(dirname(directory))
}

/** Whether it could be copied. */
function copyCluster(template: string, draft: string): boolean {
  if (!clusterExists(template)) return false
  rmSync(draft, { recursive: true, force: true })
  try {
    // Not the one that yields: nobody waits for this thread, and it takes a second longer.
    cpSync(clusterPath(template), draft, { recursive: true })
    return true
  } catch {
    return false
  }
}

async function initializeCluster(draft: string): Promise<void> {
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  const { database } = await openCluster(draft)
  for (const name of unusedDatabases) {
    await database.exec(`update pg_database set datistemplate = false where datname = '${name}'`)
    await database.exec(`drop database ${name}`)
  }
  await database.close()
}

function flushTree(path: string): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) flushTree(join(path, name))
  flushPath(path)
}
