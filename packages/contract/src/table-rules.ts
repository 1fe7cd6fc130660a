import { isDeepStrictEqual } from 'node:util'
import { errorCodes } from '@holdfast/domain/error-codes'
import { z } from 'zod'
import { deprecationProblems } from './deprecation.ts'
import { pathNames } from './path-names.ts'
import { takesBody, type AnyOperation, type ContractTable } from './operation.ts'
import { queryValueProblem } from './query-values.ts'
import { namedSchemas } from './named-schemas.ts'

/** What a rule finds wrong with one operation; empty if nothing. */
type Rule = (entry: AnyOperation) => readonly string[]

const methodsOfKind = { read: ['GET'], write: ['POST', 'PUT', 'PATCH', 'DELETE'], exchange: ['POST'] } as const

/** A plain strict object: what both doors and the document can take apart member by member. */
const inputIsPlain: Rule = ({ input }) => {
  const { def } = input._zod
  if (def.type !== 'object') return [`input is a ${String(def.type)}, not a plain object`]
  return [
    ...(def.catchall?._zod.def.type === 'never' ? [] : ['input is not strict: make it with z.strictObject']),
    ...((def.checks ?? []).length === 0 ? [] : ['input has a refinement at its top: put it on a member, or judge it in the use case']),
  ]
}

const membersOf = (entry: AnyOperation): Readonly<Record<string, z.core.$ZodType>> =>
  (entry.input._zod.def.shape as Readonly<Record<string, z.core.$ZodType>> | undefined) ?? {}

const pathIsInInput: Rule = (entry) => {
  const names = pathNames(entry.path)
  return [
    ...names
      .filter((name) => !Object.hasOwn(membersOf(entry), name))
      .map((name) => `path parameter {${name}} is not a member of the input`),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `path parameter {${name}} is there twice`),
    ...names
      .filter((name) => membersOf(entry)[name]?._zod.optin === 'optional')
      .map((name) => `path parameter {${name}} is optional in the input`),
  ]
}

/** The name that tRPC’s write options travel under. */
const optionsAreFree: Rule = (entry) =>
  entry.kind === 'write' && Object.hasOwn(membersOf(entry), 'options')
    ? ['a write has a member "options", which tRPC needs for the write options']
    : []

/** Members of body operations that are not in the path are the body: so there are no query parameters, and no name is in both. */
const textMembersAreSimple: Rule = (entry) => {
  const inPath = new Set(pathNames(entry.path))
  return Object.entries(membersOf(entry))
    .filter(([name]) => inPath.has(name) || !takesBody(entry))
    .flatMap(([name, schema]) => {
      const problem = queryValueProblem(schema, !inPath.has(name))
      return problem === undefined ? [] : [`${inPath.has(name) ? 'path' : 'query'} parameter "${name}" ${problem}`]
    })
}

const answerProblem = (what: string, schema: z.ZodType | null, value: unknown): readonly string[] => {
  if (schema === null) return value === null ? [] : [`has an example of its ${what} form and no such form`]
  const parsed = schema.safeParse(value)
  if (!parsed.success) return [`its example of ${what} does not fit: ${parsed.error.issues.map(({ path }) => path.join('/')).join(', ')}`]
  return isDeepStrictEqual(parsed.data, value) ? [] : [`its example of ${what} says more than its schema`]
}

/** They stand in the document, and people send them from there. */
const examplesFit: Rule = (entry) => {
  if (inputIsPlain(entry).length > 0) return []
  const { examples, kind, input, output, accepted } = entry
  if (examples === undefined) return ['has no examples']
  const requests = Object.entries(examples.requests)
  return [
    ...(requests.length === 0 ? ['has no example of a request'] : []),
    ...requests.filter(([, request]) => !input.safeParse(request).success).map(([name]) => `its example "${name}" does not fit its input`),
    ...answerProblem('output', output, examples.output),
    ...answerProblem('accepted', accepted, examples.accepted),
    ...(kind === 'write' && (examples.output as { durability?: unknown }).durability !== 'committed'
      ? ['its example of output is not committed']
      : []),
  ]
}

const methodFitsKind: Rule = ({ kind, method }) =>
  (methodsOfKind[kind] as readonly string[]).includes(method)
    ? []
    : [`kind ${kind} cannot be ${method}, only ${methodsOfKind[kind].join(', ')}`]

const statusFits: Rule = ({ status, location, kind, accepted, method }) => [
  ...(status === 201 && location === undefined ? ['201 needs a location'] : []),
  ...(status !== 201 && location !== undefined ? ['a location goes with 201 only'] : []),
  ...(status === 204 && method === 'GET' ? ['a read cannot answer 204'] : []),
  ...(kind === 'write' && accepted === null ? ['a write needs its accepted form: it may be buffered'] : []),
  ...(kind !== 'write' && accepted !== null ? [`kind ${kind} is never buffered: accepted must be null`] : []),
]

const locationIsFilled: Rule = ({ location, output }) => {
  const shape = output instanceof z.ZodObject ? output.shape : {}
  return pathNames(location ?? '/')
    .filter((name) => !Object.hasOwn(shape, name))
    .map((name) => `location parameter {${name}} is not a member of the output`)
}

const errorsExist: Rule = ({ errors }) =>
  errors.filter((code) => !Object.hasOwn(errorCodes, code)).map((code) => `error ${code} is not in the table of error codes`)

const noticeIsGiven: Rule = ({ deprecation }) => (deprecation === undefined ? [] : deprecationProblems(deprecation))

const rules: readonly Rule[] = [
  inputIsPlain,
  examplesFit,
  pathIsInInput,
  optionsAreFree,
  textMembersAreSimple,
  methodFitsKind,
  statusFits,
  locationIsFilled,
  errorsExist,
  noticeIsGiven,
]

const entriesOf = (table: ContractTable): readonly (readonly [string, AnyOperation])[] =>
  Object.entries(table).flatMap(([area, verbs]) => Object.entries(verbs).map(([verb, entry]) => [`${area}.${verb}`, entry] as const))

const doubles = (what: string, of: (entry: AnyOperation) => string, table: ContractTable): string[] => {
  const first = new Map<string, string>()
  return entriesOf(table).flatMap(([name, entry]) => {
    const key = of(entry)
    const earlier = first.get(key)
    if (earlier !== undefined) return [`${name}: ${what} ${key} is taken by ${earlier}`]
    first.set(key, name)
    return []
  })
}

/** A named schema used for input and output would be two schemas in the document, since inputs are strict and outputs open. */
function namesInBoth(table: ContractTable): string[] {
  const entries = entriesOf(table).map(([, entry]) => entry)
  const inputs = namedSchemas(entries.map((entry) => entry.input))
  const outputs = namedSchemas(entries.flatMap((entry) => (entry.accepted === null ? [entry.output] : [entry.output, entry.accepted])))
  return [
    ...[...inputs.keys()].filter((id) => outputs.has(id)).map((id) => `schema ${id} is used for input and for output: name them apart`),
    ...[...inputs, ...outputs].filter(([, schemas]) => schemas.size > 1).map(([id]) => `schema name ${id} is given to several schemas`),
  ]
}

/** Every breach of the rules of the table, each a sentence; empty for a good table. */
export function tableProblems(table: ContractTable): readonly string[] {
  return [
    ...entriesOf(table).flatMap(([name, entry]) => rules.flatMap((rule) => rule(entry).map((problem) => `${name}: ${problem}`))),
    ...doubles('operation id', (entry) => entry.operationId, table),
    ...doubles('route', (entry) => `${entry.method} ${entry.path.replaceAll(/\{\w+\}/g, '{}')}`, table),
    ...namesInBoth(table),
  ]
}
