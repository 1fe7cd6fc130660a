import { contract } from '@holdfast/contract/contract'
import { freezeTable } from '@holdfast/contract/freeze'
import { apiPrefix, errorsOf, type AnyOperation } from '@holdfast/contract/operation'
import { statusOf } from '@holdfast/domain/error-codes'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { documentText, openApiDocument } from './document.ts'
import type { Json, JsonObject } from './json.ts'

freezeTable(contract)

const document = openApiDocument(contract)
const entries = Object.values(contract).flatMap((verbs) => Object.values<AnyOperation>(verbs))

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every object in the document with the JSON pointer to it. */
function* objectsIn(value: Json, pointer = '#'): Generator<readonly [string, JsonObject]> {
  if (isObject(value)) yield [pointer, value]
  const inner = isObject(value) ? Object.entries(value) : Array.isArray(value) ? [...value.entries()] : []
  for (const [key, member] of inner)
    yield* objectsIn(member as Json, `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
}
const at = (pointer: string): Json | undefined =>
  pointer
    .split('/')
    .slice(1)
    .reduce<Json | undefined>((value, key) => {
      const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
      return value === undefined ? undefined : (value as Record<string, Json>)[name]
    }, document)
const all = [...objectsIn(document)]
const schemas = all.filter(([pointer]) => /\/schema$|^#\/components\/schemas\/[^/]+$/.test(pointer))

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ ...document, $id: 'https://holdfast.example/document' })
const validatorOf = (pointer: string) => ajv.compile({ $ref: `https://holdfast.example/document${encodeURI(pointer)}` })

const operationAt = (entry: AnyOperation) =>
  at(`#/paths/${(apiPrefix + entry.path).replaceAll('/', '~1')}/${entry.method.toLowerCase()}`) as JsonObject
const resolved = (value: Json): JsonObject =>
  isObject(value) && typeof value['$ref'] === 'string' ? (at(value['$ref']) as JsonObject) : (value as JsonObject)

test('the document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document) as Record<string, unknown>)
  expect(result.errors).toBeUndefined()
  expect(result.valid).toBe(true)
  const broken = await new Validator().validate({ ...structuredClone(document), info: { title: 'no version' } } as Record<string, unknown>)
  expect(broken.valid).toBe(false)
})

test('every schema is valid JSON Schema 2020-12', () => {
  expect(schemas.length).toBeGreaterThan(50)
  for (const [pointer, schema] of schemas) {
    expect([pointer, ajv.validateSchema(schema)]).toEqual([pointer, true])
    expect(typeof validatorOf(pointer)).toBe('function')
  }
})

test('every reference resolves, and every component is referred to', () => {
  const references = new Set(all.flatMap(([, object]) => (typeof object['$ref'] === 'string' ? [object['$ref']] : [])))
  expect([...references].filter((reference) => at(reference) === undefined)).toEqual([])
  const components = all
    .map(([pointer]) => pointer)
    .filter((pointer) => /^#\/components\/(schemas|responses|headers|parameters)\/[^/]+$/.test(pointer))
  expect(components.filter((pointer) => !references.has(pointer))).toEqual([])
})

describe('operations', () => {
  test('are those of the table, no fewer and no more', () => {
    const described = Object.values(document['paths'] as Record<string, Record<string, JsonObject>>).flatMap((methods) =>
      Object.values(methods),
    )
    expect(new Set(described.map((each) => each['operationId']))).toEqual(new Set(entries.map((entry) => entry.operationId)))
    expect(described).toHaveLength(entries.length)
  })

  test.each(entries.map((entry) => [entry.operationId, entry] as const))('%s has each of its statuses and no other', (_, entry) => {
    const responses = operationAt(entry)['responses'] as Record<string, Json>
    const isVersioned = 'version' in ((entry.output as { shape?: object }).shape ?? {})
    const expected = [
      entry.status,
      ...(entry.accepted === null ? [] : [202]),
      ...(entry.kind === 'read' && isVersioned ? [304] : []),
      ...new Set(errorsOf(entry).map(statusOf)),
    ]
    expect(Object.keys(responses).toSorted()).toEqual(expected.map(String).toSorted())
    for (const code of errorsOf(entry)) {
      const text = JSON.stringify(resolved(responses[statusOf(code)] as Json))
      expect(text).toContain(`"${code}"`)
      expect(text).toContain('application/problem+json')
    }
    if (entry.kind === 'write') {
      expect(resolved(responses['202'] as Json)['headers']).toMatchObject({
        Durability: {},
        Location: {},
        'Idempotency-Replayed': {},
        'Preference-Applied': {},
      })
      expect(resolved(responses['504'] as Json)['headers']).toMatchObject({ Location: {}, 'Retry-After': {} })
    }
    expect(operationAt(entry)['security']).toEqual(entry.permission === null ? [] : [{ accessToken: [] }])
  })

  test.each(entries.map((entry) => [entry.operationId, entry] as const))(
    '%s asks for every member of its input in its place',
    (_, entry) => {
      const operation = operationAt(entry)
      const parameters = ((operation['parameters'] ?? []) as readonly Json[]).map(resolved)
      const inBody = resolved(
        (
          Object.values(((operation['requestBody'] as JsonObject | undefined)?.['content'] ?? {}) as JsonObject)[0] as
            | JsonObject
            | undefined
        )?.['schema'] ?? {},
      )
      const names = [
        ...parameters.filter((parameter) => parameter['in'] !== 'header').map((parameter) => parameter['name']),
        ...Object.keys((inBody['properties'] ?? {}) as JsonObject),
      ]
      expect(new Set(names)).toEqual(new Set(Object.keys(entry.input.shape)))
      expect(names).toHaveLength(new Set(names).size)
      const headers = parameters.filter((parameter) => parameter['in'] === 'header').map((parameter) => parameter['name'])
      expect(headers.includes('Idempotency-Key')).toBe(entry.kind === 'write')
      expect(headers.includes('If-Match')).toBe(errorsOf(entry).includes('VERSION_STALE'))
      for (const parameter of parameters)
        expect([parameter['name'], typeof parameter['description']]).toEqual([parameter['name'], 'string'])
    },
  )

  test('PATCH takes a merge patch or JSON', () => {
    const body = operationAt(contract.tasks.patch)['requestBody'] as JsonObject
    expect(Object.keys(body['content'] as JsonObject)).toEqual(['application/merge-patch+json', 'application/json'])
  })
})

describe('inputs are strict, outputs are open', () => {
  const isInput = (pointer: string) => pointer.includes('/requestBody/') || pointer.startsWith('#/components/schemas/LoginGrant')
  const objects = all.filter(
    ([pointer, object]) => object['type'] === 'object' && object['properties'] !== undefined && !pointer.endsWith('/properties'),
  )

  test('in every object', () => {
    const inputs = objects.filter(([pointer]) => isInput(pointer))
    const outputs = objects.filter(([pointer]) => !isInput(pointer))
    expect(inputs.length).toBeGreaterThan(8)
    expect(outputs.length).toBeGreaterThan(12)
    expect(inputs.filter(([, object]) => object['additionalProperties'] !== false)).toEqual([])
    expect(outputs.filter(([, object]) => 'additionalProperties' in object)).toEqual([])
  })

  test.each([
    [{ title: 'x' }, true],
    [{ title: 'x', due: { date: '2030-01-01' }, labels: ['a'] }, true],
    [{ title: 'x', due: null }, true],
    [{}, false],
    [{ title: '' }, false],
    [{ title: 'x', unknown: 1 }, false],
    [{ title: 'x', due: { date: 'soon' } }, false],
    [{ title: 'x', labels: Array.from({ length: 51 }, () => 'a') }, false],
  ])('the document judges %j as the contract does', (value, isGood) => {
    const validate = validatorOf(`#/paths/~1api~1v1~1tasks/post/requestBody/content/application~1json/schema`)
    expect([validate(value), contract.tasks.create.input.safeParse(value).success]).toEqual([isGood, isGood])
  })
})

describe('examples', () => {
  const medias = all.filter(([pointer]) => /\/content\/[^/]+$/.test(pointer))
  const valuesOf = ({ example, examples }: JsonObject): readonly Json[] => [
    ...(example === undefined ? [] : [example]),
    ...Object.values((examples ?? {}) as Record<string, { readonly value: Json }>).map(({ value }) => value),
  ]

  test('stand with every body, of requests and of answers, and fit its schema', () => {
    expect(medias.length).toBeGreaterThan(50)
    for (const [pointer, media] of medias) {
      expect([pointer, valuesOf(media).length]).not.toEqual([pointer, 0])
      const validate = validatorOf(`${pointer}/schema`)
      for (const value of valuesOf(media)) expect([pointer, validate(value), validate.errors]).toEqual([pointer, true, null])
    }
  })

  test('stand with every header of an answer and every parameter of a path, and fit its schema', () => {
    const places = all.filter(([pointer, object]) => /^#\/components\/headers\/[^/]+$/.test(pointer) || object['in'] === 'path')
    expect(places.length).toBeGreaterThan(20)
    for (const [pointer, object] of places) {
      const value = object['example'] as Json
      expect([pointer, value === undefined, validatorOf(`${pointer}/schema`)(value)]).toEqual([pointer, false, true])
    }
  })

  test('of queries fit their parameters, and no optional parameter has one, which would be sent along', () => {
    const queried = entries.map(operationAt).filter((operation) => operation['x-request-examples'] !== undefined)
    expect(queried.map(({ operationId }) => operationId)).toEqual(['listTasks', 'listSessions', 'listOperations'])
    for (const operation of queried) {
      const parameters = new Map((operation['parameters'] as readonly JsonObject[]).map((each) => [each['name'], each]))
      for (const example of valuesOf({ examples: operation['x-request-examples'] as Json }))
        for (const [name, value] of Object.entries(example as JsonObject)) {
          const schema = parameters.get(name)?.['schema'] as JsonObject
          expect([name, new Ajv2020({ strict: false, validateFormats: false }).validate(schema, value)]).toEqual([name, true])
        }
    }
    const optional = all.filter(([, object]) => ['query', 'header'].includes(object['in'] as string))
    expect(optional.length).toBeGreaterThan(10)
    expect(optional.filter(([, object]) => valuesOf(object).length > 0)).toEqual([])
  })
})

test.each(entries.map((entry) => [entry.operationId, entry] as const))(
  '%s says its durabilities, in words and in each answer',
  (_, entry) => {
    const operation = operationAt(entry)
    const durabilities = { read: [], exchange: ['committed'], write: ['committed', 'buffered'] }
    expect(operation['x-durability']).toEqual(durabilities[entry.kind])
    const responses = operation['responses'] as Record<string, Json>
    const answered = Object.values(responses).flatMap((response) => {
      const header = (resolved(response)['headers'] as JsonObject)['Durability']
      return header === undefined ? [] : [(resolved(header)['schema'] as JsonObject)['const']]
    })
    expect(new Set(answered)).toEqual(new Set(entry.kind === 'write' ? ['buffered', 'committed'] : []))
  },
)

test('every answer says what is left of the rate limits, its request’s name and the state of the service', () => {
  const answers = all.filter(([pointer]) => /^#\/(?:paths\/.*\/responses\/\d+|components\/responses\/[^/]+)$/.test(pointer))
  expect(answers.length).toBeGreaterThan(40)
  for (const [pointer, answer] of answers)
    expect([pointer, resolved(answer)['headers']]).toEqual([
      pointer,
      expect.objectContaining({
        RateLimit: expect.anything(),
        'RateLimit-Policy': expect.anything(),
        'Service-Status': expect.anything(),
        'X-Request-Id': expect.anything(),
      }),
    ])
})

test('an operation that is going away says so on its answers', () => {
  const deprecation = { since: '2030-01-01', sunset: '2030-07-02', link: 'https://example.org/changes' }
  const going = openApiDocument({ things: { get: { ...contract.tasks.get, deprecation } } })
  const operation = (going['paths'] as Record<string, Record<string, JsonObject>>)['/api/v1/tasks/{id}']?.['get'] as JsonObject
  expect(operation['deprecated']).toBe(true)
  const response = (operation['responses'] as Record<string, JsonObject>)['200']
  expect(Object.keys(response?.['headers'] as JsonObject)).toEqual(expect.arrayContaining(['Deprecation', 'Sunset', 'Link']))
  expect((document['components'] as Record<string, JsonObject>)['headers']).not.toHaveProperty('Sunset')
})

test('the same table gives the same text, and the server is the one that is asked for', () => {
  expect(documentText(openApiDocument(contract))).toBe(documentText(document))
  expect(openApiDocument(contract, 'https://tasks.example')['servers']).toEqual([{ url: 'https://tasks.example' }])
})

test('every tag of an operation is described', () => {
  const known = (document['tags'] as readonly JsonObject[]).map((tag) => tag['name'])
  expect(new Set<unknown>(entries.map(({ tag }) => tag))).toEqual(new Set(known))
})
