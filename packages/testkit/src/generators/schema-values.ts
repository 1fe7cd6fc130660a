import fc from 'fast-check'
import { z } from 'zod'
import { hostileNames, hostileTexts, hostileValues } from './hostile-values.ts'

/** Values for one schema: such as it takes, such as stand at its limits on either side, and such as nobody should send. */
export interface SchemaValues {
  readonly valid: fc.Arbitrary<unknown>
  readonly boundary: fc.Arbitrary<unknown>
  readonly hostile: fc.Arbitrary<unknown>
}

type Definition = z.core.$ZodTypeDef & {
  readonly innerType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly entries?: Readonly<Record<string, string>>
  readonly values?: readonly unknown[]
  readonly format?: string
}
/** What JSON Schema says of a schema’s limits. */
interface Limits {
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
}

const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def as Definition
const limitsOf = (schema: z.core.$ZodType): Limits => z.toJSONSchema(schema as z.ZodType, { io: 'input' }) as Limits
const fits = (schema: z.core.$ZodType, value: unknown): boolean => (schema as z.ZodType).safeParse(value).success

const instant = fc.date({ min: new Date('1850-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
const offset = fc.constantFrom('+00:00', '+14:00', '-12:00', '+05:45', '+23:59')
const formats: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
  ),
  date: instant.map((date) => date.toISOString().slice(0, 10)),
  datetime: fc.oneof(
    instant.map((date) => date.toISOString()),
    fc.tuple(instant, offset).map(([date, zone]) => date.toISOString().replace('Z', zone)),
    instant.map((date) => date.toISOString().replace(/\d{3}Z/, '123456Z')),
  ),
  url: fc.webUrl({ withQueryParameters: true }),
}
const commonTexts = fc.constantFrom(
  ' a ',
  'Europe/Berlin',
  'UTC',
  'Asia/Kathmandu',
  'en',
  'de-CH',
  'zh-Hant-TW',
  '2030-01-31',
  '2030-01-31T09:00:00Z',
)

const ofLength = (length: number): fc.Arbitrary<string> =>
  fc.constantFrom('a', 'é', '漢', '𝒳', '"', '\u0301').map((unit) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length))

function stringValues(schema: z.core.$ZodType): SchemaValues {
  const { format } = definitionOf(schema)
  const { minLength: minimum = 0, maxLength: maximum = 40, pattern } = limitsOf(schema)
  const ofFormat = format === undefined ? undefined : formats[format]
  const text = fc.string({ unit: 'grapheme', minLength: minimum, maxLength: Math.min(maximum, 60) })
  const matching = pattern === undefined ? text : fc.stringMatching(new RegExp(pattern), { maxLength: Math.min(maximum, 60) })
  return {
    valid: ofFormat ?? fc.oneof(matching, text, commonTexts, ofLength(maximum)),
    boundary: fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1).chain((length) => ofLength(Math.max(0, length))),
    hostile: fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary', maxLength: 20 })),
  }
}

function numberValues(schema: z.core.$ZodType): SchemaValues {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = limitsOf(schema)
  return {
    valid: fc.maxSafeInteger().map((value) => minimum + (Math.abs(value) % Math.max(1, maximum - minimum + 1))),
    boundary: fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1),
    hostile: fc.constantFrom(0.5, -1, 2 ** 53, 1e21, 1e308, ...hostileTexts),
  }
}

function arrayValues(element: z.core.$ZodType, { minItems: minimum = 0, maxItems: maximum = 10 }: Limits): SchemaValues {
  const of = schemaValues(element)
  const filled = (length: number) => fc.array(of.valid, { minLength: Math.max(0, length), maxLength: Math.max(0, length) })
  return {
    valid: fc.array(of.valid, { minLength: minimum, maxLength: Math.min(maximum, 6) }),
    boundary: fc.oneof(fc.array(of.boundary, { maxLength: 3 }), filled(maximum), filled(maximum + 1)),
    hostile: fc.oneof(fc.array(of.hostile, { minLength: 1, maxLength: 4 }), fc.constantFrom(...hostileValues)),
  }
}

function objectValues(shape: Readonly<Record<string, z.core.$ZodType>>): SchemaValues {
  const members = Object.entries(shape).map(([name, schema]) => [name, schemaValues(schema)] as const)
  const record = (flavour: keyof SchemaValues, required: boolean) =>
    fc.record(Object.fromEntries(members.map(([name, values]) => [name, values[flavour]])), required ? {} : { requiredKeys: [] })
  return {
    valid: record('valid', true),
    boundary: record('boundary', false),
    hostile: fc.oneof(
      record('hostile', false),
      fc.tuple(record('valid', true), fc.constantFrom(...hostileNames)).map(([value, name]) => withMember(value, name, 1)),
    ),
  }
}

/** An object with one more member of its own, whatever its name. */
export function withMember(object: object, name: string, value: unknown): object {
  return Object.defineProperty({ ...object }, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Derives generators from a schema of the contract. Throws for a kind of schema that it does not know, so that none is left out unseen. */
export function schemaValues(schema: z.core.$ZodType): SchemaValues {
  const { type, innerType, element, options = [], shape = {}, entries = {}, values = [] } = definitionOf(schema)
  const hostile = fc.constantFrom(...hostileValues, ...hostileTexts)
  switch (type) {
    case 'string':
      return stringValues(schema)
    case 'number':
      return numberValues(schema)
    case 'boolean':
      return { valid: fc.boolean(), boundary: fc.boolean(), hostile }
    case 'enum': {
      const names = Object.values(entries)
      const near = names.flatMap((name) => [name.toUpperCase(), ` ${name}`, `${name}\0`])
      return { valid: fc.constantFrom(...names), boundary: fc.constantFrom(...names, ...near), hostile }
    }
    case 'literal':
      return { valid: fc.constantFrom(...values), boundary: fc.constantFrom(...values), hostile }
    case 'array':
      return arrayValues(element as z.core.$ZodType, limitsOf(schema))
    case 'object':
      return objectValues(shape)
    case 'union': {
      const members = options.map(schemaValues)
      const any = (flavour: keyof SchemaValues) => fc.oneof(...members.map((member) => member[flavour]))
      return { valid: any('valid'), boundary: any('boundary'), hostile: any('hostile') }
    }
    case 'nullable':
    case 'optional':
    case 'default': {
      const inner = schemaValues(innerType as z.core.$ZodType)
      return type === 'nullable' ? { ...inner, valid: fc.oneof(inner.valid, fc.constant(null)) } : inner
    }
    default:
      throw new Error(`There is no generator for a schema of the kind ${type}: add one.`)
  }
}

/**
 * Values that a schema takes: what its generators make, at its limits too, and where those miss (a time zone, a language) one of
 * the examples.
 */
export function fittingValues(schema: z.core.$ZodType, examples: readonly unknown[]): fc.Arbitrary<unknown> {
  const { valid, boundary } = schemaValues(schema)
  const made = fc.oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: boundary })
  const known = examples.filter((example) => fits(schema, example))
  const otherwise = known.length === 0 ? valid : fc.constantFrom(...known)
  return fc.tuple(made, otherwise).map(([value, other]) => (fits(schema, value) ? value : other))
}
