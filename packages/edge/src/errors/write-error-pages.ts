import { errorCodeNames } from '@holdfast/domain/error-codes'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { errorIndexMarkdown, errorPageMarkdown } from './error-page.ts'

// Writes docs/errors (or the folder named) from the table of error codes; with --check it only says whether that is still true.
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean', default: false } }, allowPositionals: true })
const folder = positionals[0] ?? join(import.meta.dirname, '../../../../docs/errors')
const pages = new Map([
  ['README.md', errorIndexMarkdown(errorCodeNames)],
  ...errorCodeNames.map((code) => [`${code}.md`, errorPageMarkdown(code)] as const),
])
const present = await readdir(folder).catch((): string[] => [])
const stale = present.filter((name) => !pages.has(name))

if (values.check) {
  const texts = await Promise.all(
    [...pages].map(async ([name, text]) => (await readFile(join(folder, name), 'utf8').catch(() => '')) === text),
  )
  if (stale.length > 0 || texts.includes(false)) {
    process.stderr.write('docs/errors is not what the table of error codes says. Run `pnpm errors` and commit the change.\n')
    process.exitCode = 1
  }
} else {
  await mkdir(folder, { recursive: true })
  await Promise.all(stale.map((name) => rm(join(folder, name))))
  await Promise.all([...pages].map(([name, text]) => writeFile(join(folder, name), text)))
}
