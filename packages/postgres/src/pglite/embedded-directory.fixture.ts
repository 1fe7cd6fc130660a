import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTemplate, templateDirectory } from './cluster-template.ts'

/** A new directory with an embedded database without tables, never opened. The test removes it. */
export async function embeddedDirectory(parent = tmpdir()): Promise<string> {
  await makeTemplate()
  const directory = await mkdtemp(join(parent, 'holdfast-embedded-'))
  await cp(templateDirectory(), directory, { recursive: true })
  return directory
}
