import type { Json, JsonObject } from '../document/json.ts'

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a reference of a document names, references behind it included. Throws if there is nothing. */
export function followed(document: JsonObject, value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new Error(`not an object: ${JSON.stringify(value)}`)
  const { $ref: reference, ...beside } = value
  if (typeof reference !== 'string') return value
  const target = reference
    .split('/')
    .slice(1)
    .reduce<Json | undefined>(
      (found, key) => (isObject(found) ? found[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
      document,
    )
  return { ...followed(document, target), ...beside }
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])
const membersOf = (schema: JsonObject): JsonObject => (isObject(schema['properties']) ? schema['properties'] : {})

/** Two schemas as one that asks for both: of what both say, the second counts, but enums and members are joined. */
function both(one: JsonObject, other: JsonObject): JsonObject {
  const [members, others] = [membersOf(one), membersOf(other)]
  const properties = Object.fromEntries(
    Object.keys({ ...members, ...others }).map((name) => [
      name,
      members[name] !== undefined && others[name] !== undefined
        ? { allOf: [members[name], others[name]] }
        : ((members[name] ?? others[name]) as Json),
    ]),
  )
  const required = [...new Set([...listOf(one['required']), ...listOf(other['required'])])]
  const values = listOf(one['enum']).filter((value) => listOf(other['enum']).includes(value))
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    ...(one['enum'] !== undefined && other['enum'] !== undefined && { enum: values }),
  }
}

/**
 * A schema as the alternatives that it leaves: each without references, `allOf`, `anyOf` and `oneOf` at its top, and with one
 * type at most.
 */
export function alternatives(document: JsonObject, schema: Json | undefined): readonly JsonObject[] {
  if (schema === undefined || typeof schema === 'boolean') return [{}]
  const { allOf, anyOf, oneOf, ...rest } = followed(document, schema)
  let found: readonly JsonObject[] = [rest]
  for (const each of listOf(allOf)) found = found.flatMap((one) => alternatives(document, each).map((other) => both(one, other)))
  for (const choice of [anyOf, oneOf].filter((each) => each !== undefined))
    found = found.flatMap((one) => listOf(choice).flatMap((each) => alternatives(document, each).map((other) => both(one, other))))
  return found.flatMap((one) => {
    const { type } = one
    return Array.isArray(type) ? (type as readonly Json[]).map((each) => ({ ...one, type: each })) : [one]
  })
}
