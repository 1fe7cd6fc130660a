import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../document/json.ts'
import { alternatives, isObject } from './flat-schema.ts'

/** How a value that fits one schema may not fit another. */
export type EscapeKind =
  | 'type'
  | 'values'
  | 'limit'
  | 'form'
  /** The other asks for a member that may be missing. */
  | 'required'
  /** The other is closed and does not know a member. */
  | 'unknown'
  | 'closed'
  /** The other describes a member, this one no more. */
  | 'undescribed'
  /** What counts where nothing is sent is another. */
  | 'default'

export interface Escape {
  readonly kind: EscapeKind
  /** A path of members into the value; `*` for every element of an array. */
  readonly place: string
  readonly detail: string
}

/** A schema, and the document that its references are of. */
export interface SchemaOf {
  readonly document: JsonObject
  readonly schema: Json | undefined
}

const lowerLimits = { minLength: 0, minItems: 0, minProperties: 0, minimum: -Infinity, exclusiveMinimum: -Infinity }
const upperLimits = { maxLength: Infinity, maxItems: Infinity, maxProperties: Infinity, maximum: Infinity, exclusiveMaximum: Infinity }
const forms = ['pattern', 'format', 'multipleOf', 'uniqueItems'] as const

/** Schemas of an API are not deeper; those that refer to themselves end here. */
const maxDepth = 24

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
const valuesOf = ({ const: only, enum: several }: JsonObject): readonly Json[] | undefined =>
  only === undefined ? (several as readonly Json[] | undefined) : [only]
const membersOf = (schema: JsonObject): JsonObject => (isObject(schema['properties']) ? schema['properties'] : {})
const requiredOf = (schema: JsonObject): readonly string[] => (schema['required'] as readonly string[] | undefined) ?? []

/** Every way in which a value of `inner` may not fit `outer`; none if all that the one allows, the other allows too. */
export function escapes(inner: SchemaOf, outer: SchemaOf, place = '', depth = 0): readonly Escape[] {
  if (depth > maxDepth) return []
  const choices = alternatives(outer.document, outer.schema)
  return alternatives(inner.document, inner.schema).flatMap((schema) => {
    const one = { document: inner.document, schema }
    const found = choices.map((choice) => escapesOfOne(one, { document: outer.document, schema: choice }, place, depth))
    if (found.some((each) => each.length === 0)) return []
    const [closest = []] = found.toSorted((some, others) => some.length - others.length)
    return choices.length === 1 || closest.every(({ kind, place: at }) => kind !== 'type' || at !== place)
      ? closest
      : [{ kind: 'type' as const, place, detail: `${shown(schema['type'])} is no alternative` }]
  })
}

interface FlatSchemaOf {
  readonly document: JsonObject
  readonly schema: JsonObject
}

function escapesOfOne(inner: FlatSchemaOf, outer: FlatSchemaOf, place: string, depth: number): readonly Escape[] {
  const { type, default: standard } = inner.schema
  const wanted = outer.schema['type']
  if (wanted !== undefined && wanted !== type && !(wanted === 'number' && type === 'integer'))
    return [{ kind: 'type', place, detail: `${shown(type)} is not ${shown(wanted)}` }]
  return [
    ...escapedValues(inner.schema, outer.schema, place),
    ...escapedLimits(inner.schema, outer.schema, place),
    ...(standard !== undefined && !isDeepStrictEqual(standard, outer.schema['default'])
      ? [{ kind: 'default' as const, place, detail: `default ${shown(standard)} is now ${shown(outer.schema['default'])}` }]
      : []),
    ...escapedMembers(inner, outer, place, depth),
    ...(outer.schema['items'] === undefined
      ? []
      : escapes(
          { document: inner.document, schema: inner.schema['items'] },
          { document: outer.document, schema: outer.schema['items'] },
          `${place}/*`,
          depth + 1,
        )),
  ]
}

function escapedValues(inner: JsonObject, outer: JsonObject, place: string): readonly Escape[] {
  const [values, allowed] = [valuesOf(inner), valuesOf(outer)]
  if (allowed === undefined || outer['x-may-grow'] === true) return []
  if (values === undefined) return [{ kind: 'values', place, detail: `any value, and only ${shown(allowed)} are allowed` }]
  const others = values.filter((value) => !allowed.some((each) => isDeepStrictEqual(each, value)))
  return others.length === 0 ? [] : [{ kind: 'values', place, detail: `${others.map(shown).join(', ')} not among ${shown(allowed)}` }]
}

function escapedLimits(inner: JsonObject, outer: JsonObject, place: string): readonly Escape[] {
  const limit = (name: string, none: number, isBeyond: (value: number, bound: number) => boolean): readonly Escape[] => {
    const bound = outer[name]
    const value = inner[name] ?? none
    return typeof bound === 'number' && isBeyond(value as number, bound)
      ? [{ kind: 'limit', place, detail: `${name} ${shown(inner[name])} against ${bound}` }]
      : []
  }
  return [
    ...Object.entries(lowerLimits).flatMap(([name, none]) => limit(name, none, (value, bound) => value < bound)),
    ...Object.entries(upperLimits).flatMap(([name, none]) => limit(name, none, (value, bound) => value > bound)),
    ...forms
      .filter((name) => outer[name] !== undefined && outer[name] !== false && !isDeepStrictEqual(outer[name], inner[name]))
      .map((name): Escape => ({ kind: 'form', place, detail: `${name} ${shown(inner[name])} against ${shown(outer[name])}` })),
  ]
}

function escapedMembers(inner: FlatSchemaOf, outer: FlatSchemaOf, place: string, depth: number): readonly Escape[] {
  const [members, known] = [membersOf(inner.schema), membersOf(outer.schema)]
  const isClosed = outer.schema['additionalProperties'] === false
  const required = requiredOf(inner.schema)
  return [
    ...requiredOf(outer.schema)
      .filter((name) => !required.includes(name))
      .map((name): Escape => ({ kind: 'required', place: `${place}/${name}`, detail: 'may be missing, and is asked for' })),
    ...Object.keys(known)
      .filter((name) => members[name] === undefined && inner.schema['additionalProperties'] !== false)
      .map((name): Escape => ({ kind: 'undescribed', place: `${place}/${name}`, detail: 'is described on one side only' })),
    ...(isClosed && inner.schema['additionalProperties'] !== false
      ? [{ kind: 'closed' as const, place, detail: 'takes no other members' }]
      : []),
    ...Object.keys(members).flatMap((name): readonly Escape[] => {
      const at = `${place}/${name}`
      if (known[name] === undefined) return isClosed ? [{ kind: 'unknown', place: at, detail: 'is not a member' }] : []
      return escapes({ document: inner.document, schema: members[name] }, { document: outer.document, schema: known[name] }, at, depth + 1)
    }),
  ]
}
