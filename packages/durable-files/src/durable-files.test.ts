import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { publishOnce } from './publish-once.ts'
import { replaceFile } from './replace-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-files-'))
})
afterEach(() => rm(directory, { recursive: true }))

const held = async (name = 'name') => [await readdir(directory), await readFile(join(directory, name), 'utf8')]

test('published once: the first text stays, and no draft is left', async () => {
  await publishOnce(join(directory, 'name'), 'first')
  await publishOnce(join(directory, 'name'), 'second')
  expect(await held()).toEqual([['name'], 'first'])
})

test('replaced: the last text stays, and no draft is left', async () => {
  await replaceFile(join(directory, 'name'), 'a first text that is longer')
  await replaceFile(join(directory, 'name'), 'second')
  expect(await held()).toEqual([['name'], 'second'])
})

test.each([publishOnce, replaceFile])('%o: of several at once one is there, whole and private', async (write) => {
  const texts = Array.from({ length: 8 }, (_, at) => String(at).repeat(100_000))
  await Promise.all(texts.map((text) => write(join(directory, 'name'), text)))
  const [names, text] = await held()
  expect(names).toEqual(['name'])
  expect(texts).toContain(text)
  expect((await stat(join(directory, 'name'))).mode & 0o777).toBe(0o600)
})

test.each([publishOnce, replaceFile])('%o: what cannot be written rejects, and leaves nothing', async (write) => {
  await expect(write(join(directory, 'missing', 'name'), 'text')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(directory)).toEqual([])
})
