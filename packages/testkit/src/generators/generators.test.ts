import { contract } from '@holdfast/contract/contract'
import type { AnyOperation } from '@holdfast/contract/operation'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { KnownValue, operationInputs } from './operation-inputs.ts'
import { jsonText, parsedJson, RawJson } from './raw-json.ts'
import { schemaValues } from './schema-values.ts'
import { spoils, type WireRequest } from './wire-spoils.ts'

const sample = <Value>(values: fc.Arbitrary<Value>, numRuns = 200): readonly Value[] => fc.sample(values, { seed: 7, numRuns })

describe('values of a schema', () => {
  test.each<[string, z.ZodType]>([
    ['a text', z.string().min(2).max(500)],
    [
      'a text with a refinement',
      z
        .string()
        .min(2)
        .max(500)
        .refine((text) => !text.includes('\0')),
    ],
    ['an optional text', z.string().min(2).max(500).optional()],
    ['an integer', z.int().min(1).max(100).default(50)],
    ['a list', z.array(z.enum(['a', 'b'])).max(4)],
  ])('%s: what fits fits, and its limits are tried from both sides', (_, schema) => {
    const { valid, boundary, hostile } = schemaValues(schema)
    const share = (values: fc.Arbitrary<unknown>) => sample(values).filter((value) => schema.safeParse(value).success).length / 200
    expect(share(valid)).toBeGreaterThan(0.8)
    expect(share(boundary)).toBeGreaterThan(0.1)
    expect(share(boundary)).toBeLessThan(0.9)
    expect(share(hostile)).toBeLessThan(0.9)
  })

  test('a text is as long as it may be', () => {
    const lengths = sample(schemaValues(z.string().max(20_000)).valid).map((text) => (text as string).length)
    expect(Math.max(...lengths)).toBe(20_000)
  })

  test('a kind of schema that is not known is an error, not a gap', () => {
    expect(() => schemaValues(z.map(z.string(), z.string()))).toThrow('add one')
  })
})

const everyOperation = Object.entries<Record<string, AnyOperation>>(contract).flatMap(([area, verbs]) =>
  Object.entries(verbs).map(([verb, entry]): [string, AnyOperation] => [`${area}.${verb}`, entry]),
)

test.each(everyOperation)('%s: some inputs fit, and some do not', (_, entry) => {
  const id = '018f0000-0000-7000-8000-000000000001'
  const grant = { type: 'id_token', idToken: 'x' }
  const known: Readonly<Record<string, unknown>> = { task: id, operation: id, grant }
  const fits = sample(operationInputs(entry)).filter((input) => {
    const members = Object.entries(input).map(([name, value]) => [name, value instanceof KnownValue ? (known[value.kind] ?? 'x') : value])
    return entry.input.safeParse(parsedJson(jsonText(Object.fromEntries(members)))).success
  }).length
  expect(fits).toBeGreaterThan(40)
  expect(fits).toBeLessThan(190)
})

test('raw text is written as it is', () => {
  expect(jsonText({ a: [new RawJson('1e400')], b: undefined, c: '\ud800' })).toBe('{"a":[1e400],"c":"\\ud800"}')
})

test('every spoiled request can be sent: nothing in its head ends it early', () => {
  const whole: WireRequest = {
    method: 'POST',
    target: '/api/v1/tasks',
    headers: [['Host', 'x']],
    body: Buffer.from('{"title":"x"}'),
    framing: 'length',
  }
  const seen = new Set<string>()
  for (const some of sample(spoils, 2_000)) {
    const { method, target, headers } = some.reduce((request, spoil) => spoil.apply(request), whole)
    for (const text of [method, target, ...headers.flat()]) expect(text).not.toMatch(/[\r\n\0]|[^\0-\xff]/)
    for (const { what } of some) seen.add(what)
  }
  expect(seen.size).toBeGreaterThan(150)
})
