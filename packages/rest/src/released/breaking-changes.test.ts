import { contract } from '@holdfast/contract/contract'
import { expect, test } from 'vitest'
import { openApiDocument } from '../document/document.ts'
import type { JsonObject } from '../document/json.ts'
import { breakingChanges } from './breaking-changes.ts'

const text = { type: 'string' }
const small = {
  paths: {
    '/things/{id}': {
      put: {
        operationId: 'replaceThing',
        security: [{ accessToken: [] }],
        parameters: [
          { name: 'id', in: 'path', required: true, schema: text },
          { name: 'mode', in: 'query', schema: { type: 'string', enum: ['a', 'b'], default: 'a' } },
          { $ref: '#/components/parameters/Prefer' },
        ],
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  title: { type: 'string', maxLength: 10, pattern: '^x' },
                  count: { type: 'integer', minimum: 0 },
                  due: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
                  tags: { type: 'array', maxItems: 5, items: { type: 'string', enum: ['p', 'q'] } },
                },
                required: ['title'],
                additionalProperties: false,
              },
            },
          },
        },
        responses: {
          '200': {
            headers: { Durability: { $ref: '#/components/headers/Durability' }, ETag: { schema: text } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          '404': { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
        },
      },
    },
    '/open': { get: { operationId: 'readOpen', security: [], responses: { '200': {} } } },
  },
  components: {
    parameters: { Prefer: { name: 'Prefer', in: 'header', schema: text } },
    headers: { Durability: { required: true, schema: { type: 'string', enum: ['committed'] } } },
    schemas: {
      Thing: {
        type: 'object',
        properties: {
          id: { type: 'string', format: 'uuid' },
          state: { type: 'string', enum: ['on', 'off'] },
          note: text,
          size: { type: 'integer', maximum: 10 },
          due: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          parts: { type: 'array', items: { type: 'object', properties: { name: text }, required: ['name'] } },
        },
        required: ['id', 'state', 'parts'],
      },
      Problem: {
        allOf: [
          { type: 'object', properties: { code: { type: 'string', 'x-may-grow': true, enum: ['A', 'B'] } }, required: ['code'] },
          { type: 'object', properties: { code: { type: 'string', 'x-may-grow': true, enum: ['A'] } } },
        ],
      },
    },
  },
}

type Small = ReturnType<typeof copy>
// Loose on purpose: a test takes away and adds what it likes.
// oxlint-disable-next-line typescript/no-explicit-any -- any depth of any shape
const copy = (): any => JSON.parse(JSON.stringify(small))
const changesAfter = (change: (document: Small) => void) => {
  const present = copy()
  change(present)
  return breakingChanges(small, present as JsonObject)
}
const put = (document: Small) => document.paths['/things/{id}'].put
const body = (document: Small) => put(document).requestBody.content['application/json'].schema
const thing = (document: Small) => document.components.schemas.Thing

test.each<[rule: string, change: (document: Small) => void, place: string]>([
  ['path-removed', (d) => delete d.paths['/open'], '/open'],
  ['operation-removed', (d) => delete d.paths['/open'].get, 'GET /open'],
  ['operation-renamed', (d) => (d.paths['/open'].get.operationId = 'other'), 'GET /open'],
  ['security-added', (d) => (d.paths['/open'].get.security = [{ accessToken: [] }]), 'GET /open'],
  ['security-added', (d) => (put(d).security = [{ accessToken: [], other: [] }]), 'PUT /things/{id}'],
  ['parameter-removed', (d) => put(d).parameters.splice(1, 1), 'PUT /things/{id} query mode'],
  ['parameter-removed', (d) => (d.components.parameters.Prefer.name = 'Want'), 'PUT /things/{id} header Prefer'],
  ['parameter-required', (d) => (put(d).parameters[1].required = true), 'PUT /things/{id} query mode'],
  [
    'parameter-required',
    (d) => put(d).parameters.push({ name: 'n', in: 'query', required: true, schema: text }),
    'PUT /things/{id} query n',
  ],
  ['input-values-narrowed', (d) => put(d).parameters[1].schema.enum.pop(), 'PUT /things/{id} query mode'],
  ['input-default-changed', (d) => (put(d).parameters[1].schema.default = 'b'), 'PUT /things/{id} query mode'],
  ['body-required', (d) => (put(d).requestBody.required = true), 'PUT /things/{id} body'],
  ['body-removed', (d) => delete put(d).requestBody, 'PUT /things/{id} body'],
  [
    'media-type-removed',
    (d) => (put(d).requestBody.content = { 'text/plain': { schema: text } }),
    'PUT /things/{id} body application/json',
  ],
  ['input-required', (d) => body(d).required.push('count'), 'PUT /things/{id} body application/json /count'],
  [
    'input-required',
    (d) => ((body(d).properties.more = text), body(d).required.push('more')),
    'PUT /things/{id} body application/json /more',
  ],
  ['input-member-removed', (d) => delete body(d).properties.count, 'PUT /things/{id} body application/json /count'],
  ['input-type-narrowed', (d) => (body(d).properties.count.type = 'string'), 'PUT /things/{id} body application/json /count'],
  [
    'input-type-narrowed',
    (d) => (body(d).properties.due = { type: 'string', default: null }),
    'PUT /things/{id} body application/json /due',
  ],
  ['input-values-narrowed', (d) => body(d).properties.tags.items.enum.pop(), 'PUT /things/{id} body application/json /tags/*'],
  ['input-values-narrowed', (d) => (body(d).properties.title.enum = ['x']), 'PUT /things/{id} body application/json /title'],
  ['input-limit-narrowed', (d) => (body(d).properties.title.maxLength = 9), 'PUT /things/{id} body application/json /title'],
  ['input-limit-narrowed', (d) => (body(d).properties.title.minLength = 1), 'PUT /things/{id} body application/json /title'],
  ['input-limit-narrowed', (d) => (body(d).properties.count.minimum = 1), 'PUT /things/{id} body application/json /count'],
  ['input-limit-narrowed', (d) => (body(d).properties.tags.maxItems = 4), 'PUT /things/{id} body application/json /tags'],
  ['input-form-changed', (d) => (body(d).properties.title.pattern = '^y'), 'PUT /things/{id} body application/json /title'],
  ['input-form-changed', (d) => (body(d).properties.tags.uniqueItems = true), 'PUT /things/{id} body application/json /tags'],
  ['response-removed', (d) => delete put(d).responses['404'], 'PUT /things/{id} 404'],
  ['success-added', (d) => (put(d).responses['202'] = {}), 'PUT /things/{id} 202'],
  ['header-removed', (d) => delete put(d).responses['200'].headers.ETag, 'PUT /things/{id} 200 header ETag'],
  ['header-optional', (d) => delete d.components.headers.Durability.required, 'PUT /things/{id} 200 header Durability'],
  ['output-values-widened', (d) => d.components.headers.Durability.schema.enum.push('buffered'), 'PUT /things/{id} 200 header Durability'],
  ['output-values-widened', (d) => thing(d).properties.state.enum.push('half'), 'PUT /things/{id} 200 application/json /state'],
  ['output-values-widened', (d) => delete thing(d).properties.state.enum, 'PUT /things/{id} 200 application/json /state'],
  ['output-type-widened', (d) => (thing(d).properties.note.type = ['string', 'null']), 'PUT /things/{id} 200 application/json /note'],
  ['output-type-widened', (d) => thing(d).properties.due.anyOf.push({ type: 'integer' }), 'PUT /things/{id} 200 application/json /due'],
  ['output-limit-widened', (d) => (thing(d).properties.size.maximum = 11), 'PUT /things/{id} 200 application/json /size'],
  ['output-form-changed', (d) => (thing(d).properties.id.format = 'ulid'), 'PUT /things/{id} 200 application/json /id'],
  ['output-member-optional', (d) => thing(d).required.shift(), 'PUT /things/{id} 200 application/json /id'],
  ['output-member-removed', (d) => (delete thing(d).properties.id, thing(d).required.shift()), 'PUT /things/{id} 200 application/json /id'],
  ['output-member-removed', (d) => delete thing(d).properties.note, 'PUT /things/{id} 200 application/json /note'],
  ['output-member-optional', (d) => delete thing(d).properties.parts.items.required, 'PUT /things/{id} 200 application/json /parts/*/name'],
])('%s is found, and nothing beside', (rule, change, place) => {
  expect(changesAfter(change)).toEqual([{ rule, place, detail: expect.any(String) }])
})

test('input-closed is found', () => {
  const open = copy()
  delete body(open).additionalProperties
  expect(breakingChanges(open, small).map(({ rule }) => rule)).toEqual(['input-closed'])
})

test.each<[what: string, change: (document: Small) => void]>([
  ['nothing', () => {}],
  ['a path', (d) => (d.paths['/new'] = { get: {} })],
  ['an operation', (d) => (d.paths['/open'].post = { operationId: 'x', responses: {} })],
  ['a way in for everybody', (d) => (put(d).security = [])],
  ['another way in', (d) => put(d).security.push({ key: [] })],
  ['an optional parameter', (d) => put(d).parameters.push({ name: 'n', in: 'query', schema: text })],
  ['an optional member of the body', (d) => (body(d).properties.more = text)],
  ['a member no longer required', (d) => (body(d).required = [])],
  ['more values to send', (d) => body(d).properties.tags.items.enum.push('r')],
  ['a wider limit', (d) => ((body(d).properties.title.maxLength = 20), delete body(d).properties.count.minimum)],
  ['any form', (d) => delete body(d).properties.title.pattern],
  ['another type to send', (d) => body(d).properties.due.anyOf.push({ type: 'integer' })],
  ['another media type', (d) => (put(d).requestBody.content['text/plain'] = { schema: text })],
  ['a member of an answer', (d) => (thing(d).properties.more = text)],
  ['a member that is always there', (d) => thing(d).required.push('note')],
  ['fewer values of an answer', (d) => thing(d).properties.state.enum.pop()],
  ['a type fewer in an answer', (d) => thing(d).properties.due.anyOf.pop()],
  ['a header', (d) => (put(d).responses['200'].headers.More = { schema: text })],
  ['an error', (d) => (put(d).responses['409'] = {})],
  ['a code where codes may grow', (d) => d.components.schemas.Problem.allOf[1].properties.code.enum.push('B')],
  ['a schema in its place instead of by reference', (d) => (put(d).responses['200'].content['application/json'].schema = thing(d))],
  ['words', (d) => (put(d).summary = 'x')],
])('%s more breaks nobody', (_, change) => {
  expect(changesAfter(change)).toEqual([])
})

test('a schema that holds itself comes to an end', () => {
  const tree = copy()
  thing(tree).properties.child = { $ref: '#/components/schemas/Thing' }
  expect(breakingChanges(tree as JsonObject, structuredClone(tree) as JsonObject)).toEqual([])
})

test('the real document against itself, and against one with a field fewer', () => {
  const document = openApiDocument(contract)
  expect(breakingChanges(document, structuredClone(document))).toEqual([])
  const less = structuredClone(document) as unknown as { components: { schemas: { Task: { properties: object; required: string[] } } } }
  const { Task } = less.components.schemas
  Task.properties = Object.fromEntries(Object.entries(Task.properties).filter(([name]) => name !== 'labels'))
  const found = breakingChanges(document, less as unknown as JsonObject)
  expect(found.map(({ rule }) => rule)).toContain('output-member-removed')
  expect(found.map(({ place }) => place)).toContain('GET /api/v1/tasks/{id} 200 application/json /labels')
  expect(found.map(({ place }) => place)).toContain('GET /api/v1/tasks 200 application/json /items/*/labels')
})
