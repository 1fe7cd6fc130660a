import { z } from 'zod'
import { everySchema } from './schema-walk.ts'

/** The schemas with a name (`.meta({ id })`) that are reachable from these, by name. */
export function namedSchemas(roots: Iterable<z.core.$ZodType>): Map<string, Set<z.core.$ZodType>> {
  const named = new Map<string, Set<z.core.$ZodType>>()
  for (const schema of everySchema(roots)) {
    const id = z.globalRegistry.get(schema)?.id
    if (id !== undefined) named.set(id, (named.get(id) ?? new Set()).add(schema))
  }
  return named
}
