import type { z } from 'zod'

const wrappers = new Set(['optional', 'default', 'prefault', 'nonoptional', 'readonly'])

type Definition = z.core.$ZodTypeDef & {
  readonly innerType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly format?: string
}

const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def as Definition

/** The schema inside of `optional`, `default` and the like. */
function unwrapped(schema: z.core.$ZodType): Definition {
  const definition = definitionOf(schema)
  return wrappers.has(definition.type) && definition.innerType !== undefined ? unwrapped(definition.innerType) : definition
}

/** What the text of a path or query parameter becomes before it is judged. */
export type TextKind = 'string' | 'integer' | 'boolean'
export interface TextValue {
  readonly kind: TextKind
  readonly isList: boolean
}

const kindOf = (definition: Definition): TextKind | undefined => {
  if (definition.type === 'string') return 'string'
  if (definition.type === 'enum')
    return Object.values((definition as z.core.$ZodEnumDef).entries).every((value) => typeof value === 'string') ? 'string' : undefined
  if (definition.type === 'boolean') return 'boolean'
  return definition.type === 'number' && definition.format === 'safeint' ? 'integer' : undefined
}

/** How the text of a parameter is read for this schema; `undefined` if a path or query cannot say such a value. */
export function textValueOf(schema: z.core.$ZodType): TextValue | undefined {
  const definition = unwrapped(schema)
  const isList = definition.type === 'array' && definition.element !== undefined
  const kind = kindOf(isList && definition.element !== undefined ? unwrapped(definition.element) : definition)
  return kind === undefined ? undefined : { kind, isList }
}

/** Why a schema cannot be a path or (`mayRepeat`) query parameter; `undefined` if it can. */
export function queryValueProblem(schema: z.core.$ZodType, mayRepeat: boolean): string | undefined {
  const value = textValueOf(schema)
  if (value === undefined) return 'must be a string, integer, boolean, enum of strings, or an array of one of these'
  return value.isList && !mayRepeat ? 'cannot be an array' : undefined
}
