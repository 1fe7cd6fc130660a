import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { directoryChecksum } from './directory-checksum.ts'

async function directoryOf(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-checksum-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await mkdir(join(directory, 'meta'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  return directory
}

test('is the same for the same files, wherever they are', async () => {
  const files = { '0001_a.sql': 'select 1', '0002_b.sql': 'select 2', 'meta/journal.json': '{}' }
  const checksum = await directoryChecksum(await directoryOf(files))
  expect(checksum).toMatch(/^[0-9a-f]{16}$/)
  expect(await directoryChecksum(await directoryOf(files))).toBe(checksum)
})

test('changes with a content, a name, and the border between files', async () => {
  const directory = await directoryOf({ a: 'xy', b: 'z' })
  const seen = new Set([await directoryChecksum(directory)])
  await writeFile(join(directory, 'b'), 'zz')
  seen.add(await directoryChecksum(directory))
  await rename(join(directory, 'b'), join(directory, 'meta/b'))
  seen.add(await directoryChecksum(directory))
  seen.add(await directoryChecksum(await directoryOf({ a: 'x', b: 'yz' })))
  expect(seen.size).toBe(4)
})
