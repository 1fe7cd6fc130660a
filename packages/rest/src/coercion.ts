import { textValueOf, type TextKind } from '@holdfast/contract/query-values'
import type { z } from 'zod'

/** Makes of the texts of one parameter what its schema judges. What does not fit stays a text, and is refused there. */
export type Coercion = (texts: readonly string[]) => unknown

const integer = /^-?(?:0|[1-9]\d{0,15})$/

const scalars: Readonly<Record<TextKind, (text: string) => unknown>> = {
  string: (text) => text,
  integer: (text) => (integer.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
}

/**
 * Compiles the coercion of one path or query parameter from its schema, which is only looked at. A parameter that is
 * repeated although it takes one value stays a list, which no scalar schema takes.
 */
export function coercionOf(schema: z.core.$ZodType): Coercion {
  const value = textValueOf(schema)
  if (value === undefined) throw new Error('A parameter has a schema that text cannot say: see tableProblems.')
  const scalar = scalars[value.kind]
  return value.isList ? (texts) => texts.map(scalar) : (texts) => (texts.length === 1 ? scalar(texts[0] ?? '') : texts)
}
