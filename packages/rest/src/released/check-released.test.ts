import { contract } from '@holdfast/contract/contract'
import { documentInfo } from '@holdfast/contract/document-info'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { documentText, openApiDocument } from '../document/document.ts'
import type { JsonObject } from '../document/json.ts'
import { keepReleased, newestReleased } from './released-documents.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-released-'))
})
afterEach(() => rm(folder, { recursive: true }))

const documentOf = (version: string): JsonObject => ({ info: { version }, paths: {} })
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'check-released.ts'), ...args]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  )

test('a released document is kept for good', async () => {
  expect(await keepReleased(folder, documentOf('1.2.3'))).toBe(join(folder, '1.2.3.json'))
  await keepReleased(folder, documentOf('1.2.3'))
  await expect(keepReleased(folder, { ...documentOf('1.2.3'), paths: { '/x': {} } })).rejects.toThrow('never changes')
  expect(await readdir(folder)).toEqual(['1.2.3.json'])
  await expect(keepReleased(folder, documentOf('next'))).rejects.toThrow('no version')
})

test('the newest of the same major version counts', async () => {
  for (const version of ['0.9.0', '1.9.0', '1.10.0', '1.9.9', '2.0.0']) await keepReleased(folder, documentOf(version))
  await writeFile(join(folder, 'README.md'), '')
  expect(await newestReleased(folder, documentOf('1.11.0'))).toEqual(documentOf('1.10.0'))
  expect(await newestReleased(folder, documentOf('3.0.0'))).toBeUndefined()
  expect(await newestReleased(join(folder, 'missing'), documentOf('1.0.0'))).toBeUndefined()
})

test('the command keeps the contract’s document, and names what breaks its clients', async () => {
  expect(await run('--check', folder)).toEqual({ code: 0, stderr: '' })
  expect((await run(folder)).code).toBe(0)
  const file = join(folder, `${documentInfo.version}.json`)
  expect(await readFile(file, 'utf8')).toBe(documentText(openApiDocument(contract)))
  const released = JSON.parse(await readFile(file, 'utf8')) as { paths: Record<string, object> }
  await writeFile(file, JSON.stringify({ ...released, paths: { ...released.paths, '/api/v1/gone': { get: {} } } }))
  const { code, stderr } = await run('--check', folder)
  expect(code).toBe(1)
  expect(stderr).toBe(
    `path-removed: /api/v1/gone: is gone\nThese changes break clients of ${documentInfo.version}. Take them back, or make them beside what is there.\n`,
  )
})
