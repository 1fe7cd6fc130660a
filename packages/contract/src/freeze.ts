import type { ContractTable } from './operation.ts'
import { everySchema } from './schema-walk.ts'

/**
 * Freezes a table for a test, so that whoever changes a shared schema throws: records whole; of a schema, the definition if
 * it is no object, the shape if it is one, because Zod builds the rest of itself when it is first used.
 */
export function freezeTable(table: ContractTable): number {
  const entries = Object.values(table).flatMap((verbs) => Object.values(Object.freeze(verbs)))
  Object.freeze(table)
  let frozen = 0
  for (const schema of everySchema(
    entries.flatMap((entry) => [entry.input, entry.output, ...(entry.accepted === null ? [] : [entry.accepted])]),
  )) {
    const definition = schema._zod.def
    Object.freeze(definition.type === 'object' ? (definition as unknown as { shape: object }).shape : definition)
    frozen += 1
  }
  return frozen
}
