import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contract } from '../contract.ts'
import { clientTableText } from './client-table.ts'

// Writes the typed client’s table (or the file named) from the contract; with --check it only says whether that is still true.
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean', default: false } }, allowPositionals: true })
const target = positionals[0] ?? join(import.meta.dirname, '../../../client/src/operation-table.ts')
const text = clientTableText(contract)

if (!values.check) await writeFile(target, text)
else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
  process.stderr.write(
    'packages/client/src/operation-table.ts is not what the contract says. Run `pnpm client-table` and commit the change.\n',
  )
  process.exitCode = 1
}
