import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createCluster } from './create-cluster.ts'

const manifest = join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json')
/** All that decides what a new cluster is: after a change of it another template is made. */
const sources = [manifest, ...['cluster.ts', 'create-cluster.ts', 'durable-node-fs.ts'].map((name) => join(import.meta.dirname, name))]

/**
 * Where `pnpm install` keeps a new cluster, for first starts to copy: `initdb` takes 4 s of computing in WebAssembly.
 * It is beside the code: whoever may write the one may write the other.
 */
export function templateDirectory(): string {
  const key = createHash('sha256')
    .update(sources.map((path) => readFileSync(path, 'utf8')).join('\0'))
    .digest('hex')
  return join(import.meta.dirname, '../../../../node_modules/.cache/embedded-database', key.slice(0, 16))
}

/** Makes the template, if there is none, and removes older ones. It has its name once all of it is on the disk. */
export async function makeTemplate(): Promise<void> {
  const place = templateDirectory()
  if (existsSync(place)) return
  const shelf = dirname(place)
  await mkdir(shelf, { recursive: true })
  const draft = await mkdtemp(`${place}-`)
  await createCluster(draft)
  // Another process may have been faster: then there is one.
  await rename(draft, place).catch(() => rm(draft, { recursive: true }))
  const outdated = (await readdir(shelf)).filter((name) => !name.startsWith(basename(place)))
  await Promise.all(outdated.map((name) => rm(join(shelf, name), { recursive: true, force: true })))
}
