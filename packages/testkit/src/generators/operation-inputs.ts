import { takesBody, type AnyOperation } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import { textValueOf } from '@holdfast/contract/query-values'
import fc from 'fast-check'
import { hostileNames, hostileTexts, hostileValues, poisonTexts, prototypeNames } from './hostile-values.ts'
import { fittingValues, schemaValues, withMember } from './schema-values.ts'

export type Members = Readonly<Record<string, unknown>>

/** Stands for an id, a token or a version that only the run knows: `knownValue('task', 3)`. */
export class KnownValue {
  readonly kind: string
  readonly number: number

  constructor(kind: string, number: number) {
    this.kind = kind
    this.number = number
  }
}

const known = (kind: string): fc.Arbitrary<KnownValue> => fc.nat(20).map((number) => new KnownValue(kind, number))

/** Where the table says only that it is a text, but a call needs one of ours to go further. */
const knownMembers: Readonly<Record<string, fc.Arbitrary<KnownValue | undefined>>> = {
  '/tasks/{id}#id': known('task'),
  '/tasks/{id}/restore#id': known('task'),
  '/operations/{id}#id': known('operation'),
  '/tasks#cursor': fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: known('cursor') }),
  '/auth/refresh#refreshToken': known('refreshToken'),
  '/auth/login#grant': known('grant'),
}

/** What a path can say of a parameter: no empty segment, and none that is taken for a way up. */
const sayableInPath = (text: string): boolean => text !== '' && !/^\.{1,2}$/.test(text) && text.length < 1_000

/** What a query or path can say of a parameter of this kind, so that both doors are asked the same. */
function sayable(schema: AnyOperation['input']['shape'][string], value: unknown, inPath: boolean): boolean {
  if (value instanceof KnownValue) return true
  const { kind, isList } = textValueOf(schema) ?? { kind: 'string', isList: false }
  const isSayable = (one: unknown): boolean => {
    if (kind === 'integer') return typeof one === 'number' ? Number.isInteger(one) && Math.abs(one) < 1e15 : isWord(one)
    if (kind === 'boolean') return typeof one === 'boolean' || isWord(one)
    return typeof one === 'string' && one.isWellFormed() && one.length < 2_000 && (!inPath || sayableInPath(one))
  }
  if (!isList) return isSayable(value)
  return Array.isArray(value) && value.length > 0 && value.length < 60 && value.every(isSayable)
}
/** A text that no coercion takes for a number or a truth. */
const isWord = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\d-]/.test(value) && value.length < 500 && value.isWellFormed() && !/^(true|false)$/.test(value)

/** Poison where a text, or a list of them, is wanted. */
const poisonIn = (schema: AnyOperation['input']['shape'][string]): fc.Arbitrary<unknown> =>
  fc.constantFrom(...poisonTexts).map((text) => (schema.safeParse(['a']).success ? ['a', text] : text))

/** What a member takes, and what it should not be given, both sayable through both doors. */
interface MemberValues {
  readonly good: fc.Arbitrary<unknown>
  readonly bad: fc.Arbitrary<unknown>
}

function memberValues(entry: AnyOperation, name: string, examples: readonly unknown[]): MemberValues {
  const schema = entry.input.shape[name] as AnyOperation['input']['shape'][string]
  const { boundary, hostile } = schemaValues(schema)
  const fitting = fittingValues(schema, examples)
  const ours = knownMembers[`${entry.path}#${name}`]
  const good = ours === undefined ? fitting : fc.oneof({ weight: 9, arbitrary: ours }, { weight: 1, arbitrary: fitting })
  const inPath = pathNames(entry.path).includes(name)
  const isText = !takesBody(entry) || inPath
  const bad = fc.oneof(
    boundary,
    hostile,
    fc.constantFrom(...hostileTexts),
    poisonIn(schema),
    isText ? boundary : fc.constantFrom(...hostileValues),
  )
  if (!isText) return { good, bad }
  const said = (values: fc.Arbitrary<unknown>) =>
    fc.tuple(values, fitting).map(([value, other]) => (sayable(schema, value, inPath) ? value : other))
  return { good, bad: said(bad) }
}

/** Names that both doors can be asked about: a query cannot say half a surrogate. */
const extraNames = (entry: AnyOperation): readonly string[] =>
  hostileNames.filter(
    (name) => !(name in entry.input.shape) && name !== 'options' && (takesBody(entry) || (name.isWellFormed() && name !== '')),
  )

/**
 * Inputs of an operation that both doors can be asked: mostly such as it takes, with one member or another at a limit, hostile,
 * left out, or not of the contract. Derived from the operation’s schema and its examples.
 */
export function operationInputs(entry: AnyOperation): fc.Arbitrary<Members> {
  const names = Object.keys(entry.input.shape)
  const inPath = pathNames(entry.path)
  const examples = Object.values(entry.examples?.requests ?? {}) as readonly Members[]
  const examplesOf = (name: string) => examples.flatMap((example) => (name in example ? [example[name]] : []))
  const isRequired = (name: string) => inPath.includes(name) || !entry.input.shape[name]?.safeParse(undefined).success
  const values = names.map((name) => [name, memberValues(entry, name, examplesOf(name))] as const)
  const record = (quality: keyof MemberValues) =>
    fc.record(Object.fromEntries(values.map(([name, value]) => [name, value[quality]]))) as fc.Arbitrary<Members>
  const optional = names.filter((name) => !isRequired(name))
  // A few at a time: members that exclude each other are seldom together.
  const good = fc
    .tuple(record('good'), fc.subarray(optional, { maxLength: Math.min(3, optional.length) }))
    .map(([input, kept]) => Object.fromEntries(Object.entries(input).filter(([name]) => isRequired(name) || kept.includes(name))))
  if (names.length === 0) return fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: withStranger(entry, good) })
  const onlyIn = (input: Members, kept: readonly string[]): Members => Object.fromEntries(kept.map((name) => [name, input[name]]))
  const leftOut = names.filter((name) => !inPath.includes(name))
  return fc.oneof(
    { weight: 8, arbitrary: good },
    {
      weight: 6,
      arbitrary: fc
        .tuple(good, record('bad'), fc.subarray(names, { minLength: 1, maxLength: Math.min(2, names.length) }))
        .map(([input, bad, spoiled]) => ({ ...input, ...onlyIn(bad, spoiled) })),
    },
    { weight: 1, arbitrary: record('bad') },
    { weight: 2, arbitrary: withStranger(entry, good) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(good, fc.subarray(leftOut))
        .map(([input, dropped]) => Object.fromEntries(Object.entries(input).filter(([name]) => !dropped.includes(name)))),
    },
  )
}

const withStranger = (entry: AnyOperation, inputs: fc.Arbitrary<Members>): fc.Arbitrary<Members> =>
  fc
    .tuple(inputs, fc.oneof(fc.constantFrom(...prototypeNames), fc.constantFrom(...extraNames(entry))))
    .map(([input, name]) => withMember(input, name, 'x') as Members)

/** Write options as both doors take them; undefined members are left out. */
export const writeOptionsValues: fc.Arbitrary<Members> = fc.record(
  {
    idempotencyKey: fc.oneof(
      { weight: 3, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: fc.constantFrom('a', 'same', 'a b', 'é', 'x'.repeat(200), 'x'.repeat(201), '', ':;,=') },
    ),
    ifMatch: fc.oneof(
      { weight: 2, arbitrary: known('version') },
      { weight: 1, arbitrary: fc.constantFrom('0.x', '1.', '-1', 'x'.repeat(60), '') },
    ),
    durability: fc.constant('committed'),
    waitSeconds: fc.constantFrom(0, 1, 30),
  },
  { requiredKeys: [] },
)
