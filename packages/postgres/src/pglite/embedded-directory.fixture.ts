import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openEmbeddedDatabase } from './embedded-database.ts'

const manifest = join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json')
/** All that decides what a new database is: after a change of it another template is made. */
const sources = [manifest, join(import.meta.dirname, 'cluster.ts'), join(import.meta.dirname, 'durable-node-fs.ts')]
const key = createHash('sha256')
  .update(sources.map((path) => readFileSync(path, 'utf8')).join('\0'))
  .digest('hex')
const template = join(import.meta.dirname, '../../../../node_modules/.cache/embedded-database', key.slice(0, 16))

async function makeTemplate(): Promise<void> {
  await mkdir(dirname(template), { recursive: true })
  const draft = await mkdtemp(`${template}-`)
  const database = await openEmbeddedDatabase({ directory: draft })
  await database.close()
  // Another process may have been faster: then there is one.
  await rename(draft, template).catch(() => rm(draft, { recursive: true }))
}

/** A new directory with an embedded database without tables. Making one takes seconds: one is made, kept and copied. The test removes it. */
export async function embeddedDirectory(): Promise<string> {
  if (!existsSync(template)) await makeTemplate()
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-embedded-'))
  await cp(template, directory, { recursive: true })
  return directory
}
