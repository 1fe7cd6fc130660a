import { errorCodes } from '@holdfast/domain/error-codes'
import type { AnyOperation, ContractTable } from '../operation.ts'

const header = `// Generated from the contract by \`pnpm client-table\`: all that the client needs of it at run time.

`

/** \`list\`: a read whose answers are pages. */
const kindOf = (entry: AnyOperation): string => (entry.kind === 'read' && 'cursor' in entry.input.shape ? 'list' : entry.kind)

/**
 * The source of the typed client’s run-time table: each operation’s kind, and what each error code means. The contract itself,
 * with Zod, would cost a browser 100 kB.
 */
export function clientTableText(table: ContractTable): string {
  const operations = Object.entries(table).flatMap(([area, verbs]) =>
    Object.entries(verbs).map(
      ([verb, entry]) => `  '${area}.${verb}': { kind: '${kindOf(entry)}', asksForToken: ${entry.permission !== null} },\n`,
    ),
  )
  const errors = Object.entries(errorCodes).map(
    ([code, meaning]) => `  ${code}: { status: ${meaning.status}, isRetryable: ${'retryable' in meaning} },\n`,
  )
  return (
    `${header}export const operations = {\n${operations.join('')}} as const\n\n` +
    `export const errorCodes = {\n${errors.join('')}} as const\n`
  )
}
