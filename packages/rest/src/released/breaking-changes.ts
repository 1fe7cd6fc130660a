import type { Json, JsonObject } from '../document/json.ts'
import { followed, isObject } from './flat-schema.ts'
import { escapes, type EscapeKind, type SchemaOf } from './schema-escapes.ts'

/** One change by which a client of the older document may fail against the newer one. */
export interface BreakingChange {
  /** What kind of change, as `breaking-changes.test.ts` lists them. */
  readonly rule: string
  /** Where: `POST /api/v1/tasks body application/json /title`. */
  readonly place: string
  readonly detail: string
}

interface Side {
  readonly document: JsonObject
  readonly value: JsonObject
}

const changed = (rule: string, place: string, detail: string): BreakingChange => ({ rule, place, detail })
const objectAt = (value: JsonObject, name: string): JsonObject => (isObject(value[name]) ? value[name] : {})
const listAt = (value: JsonObject, name: string): readonly Json[] => (value[name] as readonly Json[] | undefined) ?? []

/** What was sent before must be taken now. */
const inputRules: Partial<Record<EscapeKind, string>> = {
  type: 'input-type-narrowed',
  values: 'input-values-narrowed',
  limit: 'input-limit-narrowed',
  form: 'input-form-changed',
  required: 'input-required',
  unknown: 'input-member-removed',
  closed: 'input-closed',
  default: 'input-default-changed',
}
/** What is answered now must be what was promised before. */
const outputRules: Partial<Record<EscapeKind, string>> = {
  type: 'output-type-widened',
  values: 'output-values-widened',
  limit: 'output-limit-widened',
  form: 'output-form-changed',
  required: 'output-member-optional',
  undescribed: 'output-member-removed',
}

function schemaChanges(rules: typeof inputRules, inner: SchemaOf, outer: SchemaOf, place: string): readonly BreakingChange[] {
  const found = escapes(inner, outer)
  const removed = new Set(found.filter(({ kind }) => kind === 'undescribed').map((each) => each.place))
  const seen = new Map<string, BreakingChange>()
  for (const { kind, place: at, detail } of found) {
    const rule = rules[kind]
    // A member that is gone is also no longer certain: once is enough.
    if (rule === undefined || (kind === 'required' && rules === outputRules && removed.has(at))) continue
    seen.set(`${rule} ${at} ${detail}`, changed(rule, `${place} ${at}`.trimEnd(), detail))
  }
  return [...seen.values()]
}

const inputChanges = (old: Side, now: Side, place: string): readonly BreakingChange[] =>
  schemaChanges(
    inputRules,
    { document: old.document, schema: old.value['schema'] },
    { document: now.document, schema: now.value['schema'] },
    place,
  )
const outputChanges = (old: Side, now: Side, place: string): readonly BreakingChange[] =>
  schemaChanges(
    outputRules,
    { document: now.document, schema: now.value['schema'] },
    { document: old.document, schema: old.value['schema'] },
    place,
  )

const parametersOf = ({ document, value }: Side): Map<string, JsonObject> =>
  new Map(
    listAt(value, 'parameters').map((each) => {
      const parameter = followed(document, each)
      return [`${parameter['in'] as string} ${parameter['name'] as string}`, parameter]
    }),
  )

function parameterChanges(old: Side, now: Side, place: string): readonly BreakingChange[] {
  const [before, after] = [parametersOf(old), parametersOf(now)]
  const added = [...after].filter(([key, parameter]) => !before.has(key) && parameter['required'] === true)
  return [
    ...added.map(([key]) => changed('parameter-required', `${place} ${key}`, 'is new and must be sent')),
    ...[...before].flatMap(([key, parameter]) => {
      const at = `${place} ${key}`
      const other = after.get(key)
      if (other === undefined) return [changed('parameter-removed', at, 'is no parameter any more')]
      return [
        ...(other['required'] === true && parameter['required'] !== true
          ? [changed('parameter-required', at, 'was optional and must be sent')]
          : []),
        ...inputChanges({ ...old, value: parameter }, { ...now, value: other }, at),
      ]
    }),
  ]
}

function bodyChanges(old: Side, now: Side, place: string): readonly BreakingChange[] {
  const at = `${place} body`
  const [before, after] = [old, now].map(({ document, value }) =>
    value['requestBody'] === undefined ? undefined : followed(document, value['requestBody']),
  )
  if (after === undefined) return before === undefined ? [] : [changed('body-removed', at, 'none is taken any more')]
  const required = after['required'] === true && before?.['required'] !== true ? [changed('body-required', at, 'one must be sent')] : []
  return [...required, ...(before === undefined ? [] : contentChanges(old, now, before, after, at, inputChanges))]
}

function contentChanges(
  old: Side,
  now: Side,
  before: JsonObject,
  after: JsonObject,
  place: string,
  compare: typeof inputChanges,
): readonly BreakingChange[] {
  const types = objectAt(after, 'content')
  return Object.entries(objectAt(before, 'content')).flatMap(([type, media]) => {
    const other = types[type]
    if (other === undefined) return [changed('media-type-removed', `${place} ${type}`, 'is no media type of it any more')]
    return compare({ ...old, value: media as JsonObject }, { ...now, value: other as JsonObject }, `${place} ${type}`)
  })
}

function headerChanges(old: Side, now: Side, before: JsonObject, after: JsonObject, place: string): readonly BreakingChange[] {
  const headers = objectAt(after, 'headers')
  return Object.entries(objectAt(before, 'headers')).flatMap(([name, described]) => {
    const at = `${place} header ${name}`
    if (headers[name] === undefined) return [changed('header-removed', at, 'is not promised any more')]
    const [one, other] = [followed(old.document, described), followed(now.document, headers[name])]
    return [
      ...(one['required'] === true && other['required'] !== true ? [changed('header-optional', at, 'may be missing now')] : []),
      ...outputChanges({ ...old, value: one }, { ...now, value: other }, at),
    ]
  })
}

function responseChanges(old: Side, now: Side, place: string): readonly BreakingChange[] {
  const [before, after] = [objectAt(old.value, 'responses'), objectAt(now.value, 'responses')]
  const added = Object.keys(after).filter((status) => status.startsWith('2') && before[status] === undefined)
  return [
    ...added.map((status) => changed('success-added', `${place} ${status}`, 'is a success that nobody expects')),
    ...Object.entries(before).flatMap(([status, described]) => {
      const at = `${place} ${status}`
      if (after[status] === undefined) return [changed('response-removed', at, 'is not answered any more')]
      const [one, other] = [followed(old.document, described), followed(now.document, after[status])]
      return [...headerChanges(old, now, one, other, at), ...contentChanges(old, now, one, other, at, outputChanges)]
    }),
  ]
}

/** Each entry of `security` is one way in; none at all is a way in for everybody. */
function securityChanges(old: Side, now: Side, place: string): readonly BreakingChange[] {
  const waysOf = ({ value }: Side) => {
    const ways = listAt(value, 'security').map((way) => Object.keys(way as JsonObject))
    return ways.length === 0 ? [[]] : ways
  }
  const ways = waysOf(now)
  return waysOf(old)
    .filter((way) => !ways.some((other) => other.every((scheme) => way.includes(scheme))))
    .map((way) => changed('security-added', place, `${way.join(' and ') || 'nobody’s word'} is no longer enough`))
}

function operationChanges(old: Side, now: Side, place: string): readonly BreakingChange[] {
  const [name, other] = [old.value['operationId'], now.value['operationId']]
  return [
    ...(name === other ? [] : [changed('operation-renamed', place, `${name as string} is now ${other as string}`)]),
    ...securityChanges(old, now, place),
    ...parameterChanges(old, now, place),
    ...bodyChanges(old, now, place),
    ...responseChanges(old, now, place),
  ]
}

/**
 * Every change from a released OpenAPI 3.1 document to the present one by which a client of the released one may fail. Clients
 * live with new members, new errors and enums marked `x-may-grow`; with nothing else.
 */
export function breakingChanges(released: JsonObject, present: JsonObject): readonly BreakingChange[] {
  const paths = objectAt(present, 'paths')
  return Object.entries(objectAt(released, 'paths')).flatMap(([path, methods]) => {
    const others = paths[path]
    if (!isObject(others)) return [changed('path-removed', path, 'is gone')]
    return Object.entries(methods as JsonObject).flatMap(([method, operation]) => {
      const place = `${method.toUpperCase()} ${path}`
      const other = others[method]
      if (!isObject(other)) return [changed('operation-removed', place, 'is gone')]
      return operationChanges({ document: released, value: operation as JsonObject }, { document: present, value: other }, place)
    })
  })
}
