import { contract } from '@holdfast/contract/contract'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { documentText, openApiDocument } from './document.ts'

// Writes openapi/openapi.json (or the file named) from the contract; with --check it only says whether that is still true.
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean', default: false } }, allowPositionals: true })
const target = positionals[0] ?? join(import.meta.dirname, '../../../../openapi/openapi.json')
const text = documentText(openApiDocument(contract))

if (values.check) {
  const committed = await readFile(target, 'utf8').catch(() => '')
  if (committed !== text) {
    process.stderr.write('openapi/openapi.json is not what the contract says. Run `pnpm openapi` and commit the change.\n')
    process.exitCode = 1
  }
} else {
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text)
}
