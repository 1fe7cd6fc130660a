import { z } from 'zod'
import type { AnyOperation, ContractTable } from './operation.ts'

const pictureOf = ({ input, output, accepted }: AnyOperation): readonly unknown[] => [
  z.toJSONSchema(input, { io: 'input' }),
  z.toJSONSchema(output, { io: 'output' }),
  accepted === null ? null : z.toJSONSchema(accepted, { io: 'output' }),
]

/** The JSON Schema of every schema of a table, by operation: what must be the same before and after any traffic. Throws for what JSON cannot say. */
export const schemaPicture = (table: ContractTable): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([area, verbs]) =>
      Object.entries(verbs).map(([verb, entry]) => [`${area}.${verb}`, JSON.stringify(pictureOf(entry))]),
    ),
  )
