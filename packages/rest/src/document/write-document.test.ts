import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-document-'))
})
afterAll(() => rm(folder, { recursive: true }))

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'write-document.ts'), ...args]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  )

test('--check fails on a missing or a different document, and says what to run', async () => {
  const file = join(folder, 'openapi.json')
  expect(await run('--check', file)).toEqual({ code: 1, stderr: expect.stringContaining('Run `pnpm openapi`') })
  expect((await run(file)).code).toBe(0)
  const text = await readFile(file, 'utf8')
  expect(text.endsWith('}\n')).toBe(true)
  expect((await run('--check', file)).code).toBe(0)
  await writeFile(file, text.replace('"3.1.1"', '"3.1.0"'))
  expect((await run('--check', file)).code).toBe(1)
  expect(await readFile(file, 'utf8')).toContain('"3.1.0"')
})
