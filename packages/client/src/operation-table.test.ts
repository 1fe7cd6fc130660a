import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const writer = join(import.meta.dirname, '../../contract/src/client-table/write-client-table.ts')

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [writer, ...args]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  )

test('the table is what the contract says', async () => {
  expect(await run('--check')).toEqual({ code: 0, stderr: '' })
})

test('--check sees one operation missing, and says what to run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-client-table-'))
  try {
    const table = join(folder, 'operation-table.ts')
    const text = await readFile(join(import.meta.dirname, 'operation-table.ts'), 'utf8')
    await writeFile(table, text.replace(/ {2}'tasks\.restore'.*\n/, ''))
    expect(await run('--check', table)).toEqual({ code: 1, stderr: expect.stringContaining('Run `pnpm client-table`') })
  } finally {
    await rm(folder, { recursive: true })
  }
})
