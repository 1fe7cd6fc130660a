import type { z } from 'zod'

const isSchema = (value: unknown): value is z.core.$ZodType => typeof value === 'object' && value !== null && '_zod' in value

function* schemasIn(value: unknown): Generator<z.core.$ZodType> {
  if (isSchema(value)) yield value
  else if (Array.isArray(value)) for (const item of value) yield* schemasIn(item)
}

/** Every schema reachable from these, each once, themselves included. */
export function* everySchema(roots: Iterable<z.core.$ZodType>): Generator<z.core.$ZodType> {
  const seen = new Set<z.core.$ZodType>()
  const waiting = [...roots]
  for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
    if (seen.has(schema)) continue
    seen.add(schema)
    yield schema
    const definition = schema._zod.def as unknown as Record<string, unknown>
    for (const [key, value] of Object.entries(definition))
      waiting.push(...(key === 'shape' ? Object.values(value as object).flatMap((member) => [...schemasIn(member)]) : schemasIn(value)))
  }
}
