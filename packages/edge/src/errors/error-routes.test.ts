import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorCodeNames } from '@holdfast/domain/error-codes'
import { errorGuides } from '@holdfast/domain/error-guides'
import { expect, test } from 'vitest'
import { errorRoutes } from './error-routes.ts'

const app = errorRoutes()
app.onError((error, c) => c.text(error.message, 404))
const page = (code: string, accept?: string) => app.request(`/errors/${code}`, accept === undefined ? {} : { headers: { accept } })

test.each(errorCodeNames)('%s has a page that says why and what to do', async (code) => {
  const html = await (await page(code)).text()
  expect(html).toContain(`<h1>${code}</h1>`)
  // Nothing of the Markdown is left, and nothing is taken for an element.
  expect(html).not.toContain('`')
  expect(html).not.toMatch(/<(?!\/?(?:html|head|meta|title|link|style|body|h1|h2|p|code|!doctype)\b)/i)
  const { cause, remedy } = errorGuides[code]
  for (const text of [cause, remedy]) expect(text).toMatch(/^[A-Z`].*\.$/s)
})

test.each([
  [undefined, 'text/html; charset=UTF-8'],
  ['*/*', 'text/html; charset=UTF-8'],
  ['text/html,application/xhtml+xml;q=0.9', 'text/html; charset=UTF-8'],
  ['text/markdown', 'text/markdown; charset=utf-8'],
  ['application/json', 'application/json'],
])('Accept: %s is answered as %s', async (accept, type) => {
  const { headers } = await page('VERSION_STALE', accept)
  expect([headers.get('content-type'), headers.get('vary')]).toEqual([type, 'Accept'])
  expect(headers.get('content-security-policy') !== null).toBe(type.startsWith('text/html'))
})

test('what is no code has no page', async () => {
  for (const code of ['NOTHING', 'constructor', '__proto__', 'version_stale', '%3Cscript%3E']) expect((await page(code)).status).toBe(404)
})

test('the pages in the repository are judged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-errors-'))
  const write = (...options: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'write-error-pages.ts'), folder, ...options])
  try {
    await write()
    expect(await readdir(folder)).toHaveLength(errorCodeNames.length + 1)
    await write('--check')
    await writeFile(join(folder, 'GONE.md'), '# GONE\n')
    await expect(write('--check')).rejects.toThrow(/pnpm errors/)
    await write()
    await writeFile(join(folder, 'VERSION_STALE.md'), '# VERSION_STALE\n')
    await expect(write('--check')).rejects.toThrow(/pnpm errors/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
