import { contract } from '@holdfast/contract/contract'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openApiDocument } from '../document/document.ts'
import { breakingChanges } from './breaking-changes.ts'
import { keepReleased, newestReleased } from './released-documents.ts'

// At a release: keeps the document of the contract in openapi/released (or the folder named) under its version. With --check it
// says what would break clients of the newest that was kept.
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean', default: false } }, allowPositionals: true })
const folder = positionals[0] ?? join(import.meta.dirname, '../../../../openapi/released')
const present = openApiDocument(contract)

if (values.check) {
  const released = (await newestReleased(folder, present)) ?? present
  const changes = breakingChanges(released, present)
  for (const { rule, place, detail } of changes) process.stderr.write(`${rule}: ${place}: ${detail}\n`)
  if (changes.length > 0) {
    const { version } = released['info'] as { readonly version: string }
    process.stderr.write(`These changes break clients of ${version}. Take them back, or make them beside what is there.\n`)
    process.exitCode = 1
  }
} else {
  process.stdout.write(`${await keepReleased(folder, present)}\n`)
}
