import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import type { AnyOperation, OperationExamples } from './operation.ts'
import { tableProblems } from './table-rules.ts'

const thing = { id: '018f0000-0000-7000-8000-000000000001' }
const read: AnyOperation = {
  operationId: 'readThing',
  kind: 'read',
  method: 'GET',
  path: '/things/{id}',
  tag: 'Things',
  summary: 'Read',
  description: '',
  permission: null,
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({ id: z.uuid() }),
  accepted: null,
  status: 200,
  errors: [],
  examples: { requests: { one: thing }, output: thing, accepted: null },
}
const written = z.object({ id: z.uuid(), durability: z.string().optional() })
const write: AnyOperation = {
  ...read,
  operationId: 'writeThing',
  kind: 'write',
  method: 'PUT',
  output: written,
  accepted: z.object({ id: z.uuid() }),
  examples: { requests: { one: thing }, output: { ...thing, durability: 'committed' }, accepted: thing },
}
const problemsOf = (...entries: readonly AnyOperation[]) =>
  tableProblems({ things: Object.fromEntries(entries.map((entry, at) => [`verb${at}`, entry])) })

test('the contract obeys the rules of the table', () => {
  expect(tableProblems(contract)).toEqual([])
})

test('the good examples of this test are good', () => {
  expect(problemsOf(read, { ...write, deprecation: going })).toEqual([])
})

const going = { since: '2026-01-01', sunset: '2026-07-01', link: 'https://example.org/changes' }

const named = z.object({ a: z.string() }).meta({ id: 'RuleTestThing' })
const query = (schema: z.ZodType): AnyOperation => ({ ...read, input: z.strictObject({ id: z.uuid(), q: schema }) })

/** The same operation with some of its examples changed, or with none. */
function withExamples({ examples, ...entry }: AnyOperation, changed: Partial<OperationExamples> | undefined): AnyOperation {
  return changed === undefined || examples === undefined ? entry : { ...entry, examples: { ...examples, ...changed } }
}

describe('each rule finds its breach', () => {
  test.each<[string, readonly AnyOperation[]]>([
    ['input is not strict', [{ ...read, input: z.object({ id: z.uuid() }) }]],
    ['input is not strict', [{ ...read, input: z.looseObject({ id: z.uuid() }) }]],
    ['input has a refinement at its top', [{ ...read, input: z.strictObject({ id: z.uuid() }).refine(() => true) }]],
    ['input is a union', [{ ...read, path: '/things', input: z.union([z.strictObject({}), z.strictObject({})]) as never }]],
    ['path parameter {id} is not a member of the input', [{ ...read, input: z.strictObject({}) }]],
    ['path parameter {id} is there twice', [{ ...read, path: '/things/{id}/{id}' }]],
    ['path parameter {id} is optional', [{ ...read, input: z.strictObject({ id: z.uuid().optional() }) }]],
    ['path parameter "id" cannot be an array', [{ ...read, input: z.strictObject({ id: z.array(z.uuid()) }) }]],
    ['path parameter "id" must be a string', [{ ...write, input: z.strictObject({ id: z.strictObject({}) }) }]],
    ['query parameter "q" must be a string', [query(z.number())]],
    ['query parameter "q" must be a string', [query(z.string().nullable())]],
    ['query parameter "q" must be a string', [query(z.array(z.strictObject({})).optional())]],
    ['query parameter "q" must be a string', [query(z.enum({ one: 1, two: 2 }))]],
    ['query parameter "q" must be a string', [query(z.literal(['a', 'b']))]],
    ['has no examples', [withExamples(write, undefined)]],
    ['has no example of a request', [withExamples(read, { requests: {} })]],
    ['its example "one" does not fit', [withExamples(read, { requests: { one: { id: 'x' } } })]],
    ['its example "one" does not fit', [withExamples(read, { requests: { one: { ...thing, more: 1 } } })]],
    ['its example of output does not fit: id', [withExamples(read, { output: { id: 'x' } })]],
    ['its example of output says more', [withExamples(read, { output: { ...thing, more: 1 } })]],
    ['its example of output is not committed', [withExamples(write, { output: { ...thing, durability: 'buffered' } })]],
    ['its example of accepted does not fit', [withExamples(write, { accepted: null })]],
    ['has an example of its accepted form and no such form', [withExamples(read, { accepted: thing })]],
    ['a write has a member "options"', [{ ...write, input: z.strictObject({ id: z.uuid(), options: z.string() }) }]],
    ['kind read cannot be POST', [{ ...read, method: 'POST' }]],
    ['kind write cannot be GET', [{ ...write, method: 'GET' }]],
    ['kind exchange cannot be PUT', [{ ...write, kind: 'exchange', method: 'PUT', accepted: null }]],
    ['201 needs a location', [{ ...write, status: 201 }]],
    ['a location goes with 201 only', [{ ...write, location: '/things/{id}' }]],
    ['location parameter {name} is not a member of the output', [{ ...write, status: 201, location: '/things/{name}' }]],
    ['a read cannot answer 204', [{ ...read, status: 204 }]],
    ['a write needs its accepted form', [{ ...write, accepted: null }]],
    ['kind read is never buffered', [{ ...read, accepted: z.object({}) }]],
    ['error NOT_A_CODE is not in the table', [{ ...read, errors: ['NOT_A_CODE' as never] }]],
    ['names no days', [{ ...read, deprecation: { ...going, sunset: '2026-02-30' } }]],
    ['less than 180 days after', [{ ...read, deprecation: { ...going, sunset: '2026-02-01' } }]],
    ['no https link', [{ ...read, deprecation: { ...going, link: '/docs' } }]],
    ['operation id readThing is taken by things.verb0', [read, { ...read, path: '/others/{id}' }]],
    [
      'route GET /things/{} is taken by things.verb0',
      [read, { ...read, operationId: 'other', path: '/things/{key}', input: z.strictObject({ key: z.uuid() }) }],
    ],
    [
      'schema RuleTestThing is used for input and for output',
      [{ ...write, input: z.strictObject({ id: z.uuid(), a: named.optional() }), output: z.object({ a: z.array(named) }) }],
    ],
  ])('%s', (message, entries) => {
    expect(problemsOf(...entries).join('\n')).toContain(message)
  })

  test('a name given to two schemas', () => {
    const one = z.object({ a: z.string() }).meta({ id: 'RuleTestTwin' })
    const two = z.object({ b: z.string() })
    z.globalRegistry._map.set(two, { id: 'RuleTestTwin' })
    expect(problemsOf({ ...read, output: z.object({ id: one, two }) }).join('\n')).toContain('RuleTestTwin is given to several schemas')
  })
})
