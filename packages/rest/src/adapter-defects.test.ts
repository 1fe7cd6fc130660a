import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { contract } from '@holdfast/contract/contract'
import { freezeTable } from '@holdfast/contract/freeze'
import { operation, takesBody, type AnyOperation, type ContractTable } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import { schemaPicture } from '@holdfast/contract/schema-picture'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildRest } from './build-rest.ts'
import { recordingApi, type RecordingApi } from './recording-api.ts'

// The defects that trpc-to-openapi’s adapter has, T1 to T18, each by its number: ours must have none of them.

const id = '018f0000-0000-7000-8000-000000000001'
const operationId = '018f0000-0000-7000-8000-000000000002'
const task = `/api/v1/tasks/${id}`
const version = `1.${operationId}`
const committed = { id, title: 'x', version, durability: 'committed', operationId }

const read = {
  kind: 'read',
  method: 'GET',
  tag: 'T',
  summary: '',
  description: '',
  permission: null,
  output: z.object({}),
  accepted: null,
  status: 200,
  errors: [],
} as const
const search = operation({
  ...read,
  operationId: 'search',
  path: '/search',
  input: z.strictObject({
    done: z.boolean().optional(),
    count: z.int().optional(),
    counts: z.array(z.int()).optional(),
    kind: z.enum(['a', 'b']).optional(),
    text: z.string().optional(),
  }),
})
const thing = operation({ ...read, operationId: 'thing', path: '/things/{id}', input: z.strictObject({ id: z.string() }) })
const thingExport = operation({ ...read, operationId: 'thingExport', path: '/things/export', input: z.strictObject({}) })
const dotted = operation({ ...read, operationId: 'dotted', path: '/things/v1.0', input: z.strictObject({}) })
const parts = z.strictObject({ id: z.string(), part: z.string() })
const part = operation({ ...read, operationId: 'part', path: '/things/{id}/{part}', input: parts })
const deepPart = operation({ ...read, operationId: 'deepPart', path: '/things/{id}/{part}/deep', input: parts })
const exportPart = operation({ ...read, operationId: 'exportPart', path: '/things/export/{part}', input: parts.omit({ id: true }) })
const table = { things: { search, thing, thingExport, dotted, part, deepPart, exportPart } }

const statusAndCode = async (answer: Promise<Response>) => {
  const response = await answer
  return [response.status, ((await response.json()) as { code?: string }).code]
}

test('T1: ?done=false is false', async () => {
  const api = recordingApi(table)
  for (const query of ['done=false', 'done=true', 'count=0', 'counts=0&counts=-1', 'text=false'])
    await api.send('GET', `/api/v1/search?${query}`)
  expect(api.calls.map(({ input }) => input)).toEqual([
    { done: false },
    { done: true },
    { count: 0 },
    { counts: [0, -1] },
    { text: 'false' },
  ])
  for (const query of ['done=', 'done=0', 'done=False', 'count=', 'count=0x1'])
    expect([query, (await api.send('GET', `/api/v1/search?${query}`)).status]).toEqual([query, 422])
})

test('T2: no traffic loosens the schemas', async () => {
  freezeTable(contract)
  const before = schemaPicture(contract)
  const api = recordingApi()
  await api.send('GET', '/api/v1/tasks?limit=5&status=todo')
  await api.send('PATCH', task, { status: 'done', due: null })
  expect(api.calls.map(({ input }) => input)).toEqual([
    { limit: 5, sort: '-created', status: ['todo'] },
    { id, status: 'done', due: null },
  ])
  expect(contract.tasks.list.input.safeParse({ limit: '5' }).success).toBe(false)
  for (const body of [{ title: 5 }, { title: 'x', priority: null }, { title: 'x', due: null, labels: [null] }])
    expect((await api.send('POST', '/api/v1/tasks', body)).status).toBe(422)
  expect(schemaPicture(contract)).toEqual(before)
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__[a]', 'prototype'])(
  'T3: the hostile name %s is a name that is not known',
  async (name) => {
    const api = recordingApi()
    const inQuery = await api.send('GET', `/api/v1/tasks?${name}=1`)
    expect([inQuery.status, await inQuery.json()]).toMatchObject([422, { faults: [{ parameter: name }] }])
    const inBody = await api.send('POST', '/api/v1/tasks', `{"title":"x","${name}":{"polluted":1}}`)
    expect([inBody.status, await inBody.json()]).toMatchObject([422, { faults: [{ pointer: `/${name}` }] }])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  },
)

test('T4: the table is compiled once, and not looked at for a request', async () => {
  let looks = 0
  const watched = (entry: AnyOperation): AnyOperation =>
    new Proxy(
      { ...entry },
      {
        get: (target, name, receiver) => {
          if (name === 'path' || name === 'method') looks += 1
          return Reflect.get(target, name, receiver)
        },
      },
    )
  const api = recordingApi({ things: { search: watched(search), thing: watched(thing) } })
  expect(looks).toBeGreaterThan(0)
  looks = 0
  for (let sent = 0; sent < 20; sent += 1)
    for (const path of ['/search?count=1', '/things/1', '/nothing']) await api.send('GET', `/api/v1${path}`)
  expect([api.calls.length, looks]).toEqual([40, 0])
})

/** What a process in development asks to be loaded that imports a module and then does what `use` says with its exports, `loaded`. */
function modulesAskedFor(path: string, use: string): readonly string[] {
  const code = `const asked = []
    process.getBuiltinModule('node:module').registerHooks({
      resolve: (specifier, context, next) => (asked.push(specifier), next(specifier, context)),
    })
    const loaded = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href)})
    ${use}
    console.log(JSON.stringify(asked))`
  const env = { ...process.env, NODE_ENV: 'development' }
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { env, encoding: 'utf8' })) as string[]
}

test('T5: serving loads and makes no document, in development neither', () => {
  const generator = 'trpc-to-openapi'
  const serving = modulesAskedFor(
    'recording-api.ts',
    "if ((await loaded.recordingApi().send('GET', '/api/v1/tasks')).status !== 200) process.exit(1)",
  )
  expect(serving).toContain('hono')
  expect(serving).not.toContain(generator)
  expect(modulesAskedFor('document/document.ts', '')).toContain(generator)
})

describe('T6: an answer without a body', () => {
  test.each([{}, committed, { items: [1] }, { durability: 'committed', secret: 'x' }])(
    'is 204 whatever was answered: %j',
    async (output) => {
      const api = recordingApi()
      api.answer = { output }
      const response = await api.send('DELETE', task)
      expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([204, '', null])
    },
  )

  test('is 304 for what the caller has', async () => {
    const api = recordingApi()
    api.answer = { output: committed }
    const response = await api.send('GET', task, undefined, { 'if-none-match': `"${version}-c"` })
    expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', `"${version}-c"`])
  })
})

test('T7: whatever throws, and wherever, the request is answered and no rejection is left', async () => {
  const left: unknown[] = []
  const note = (reason: unknown): void => void left.push(reason)
  process.on('unhandledRejection', note)
  const broken = async (): Promise<never> => {
    throw new Error('broken')
  }
  const handlers = new Proxy({}, { get: () => new Proxy({}, { get: () => broken }) })
  for (const [readBody, authenticate] of [
    [broken, async () => 'ada'],
    [async () => ({ title: 'x' }), broken],
    [async () => ({ title: 'x' }), async () => 'ada'],
  ] as const) {
    const app = buildRest({ table: contract, handlers: handlers as never, readBody, authenticate })
    app.onError((error, context) => context.text(error.message, 500))
    const response = await app.request('/api/v1/tasks', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    expect([response.status, await response.text()]).toEqual([500, 'broken'])
  }
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(left).toEqual([])
})

test('T8: an internal error leaves the door as it is thrown, for the one place that answers errors', async () => {
  const api = recordingApi()
  api.answer = new Error('secret db password')
  const response = await api.send('GET', '/api/v1/tasks')
  expect([response.status, await response.text()]).toEqual([500, '{"code":"INTERNAL_ERROR"}'])
})

test('T9: neither host nor query is taken for the path', async () => {
  const api = recordingApi()
  for (const url of [
    'http://api.example.com/api/v1/tasks',
    `http://api${task}`,
    `http://api.v1${task.replace('-7000-', '-700%30-')}`,
    'http://x/api/v1/tasks?text=/api/v1/nothing',
  ])
    expect([url, (await api.app.request(url)).status]).toEqual([url, 200])
  for (const url of ['http://api.v1/tasks', 'http://x/?/api/v1/tasks', 'http://x/x/api/v1/tasks', 'http://x/tasks/api/v1'])
    expect([url, (await api.app.request(url)).status]).toEqual([url, 404])
})

test('T10: the body is read after the route, the actor and the headers are known', async () => {
  const api = recordingApi()
  await api.send('POST', '/api/v1/nothing', { title: 'x' })
  await api.send('POST', '/api/v1/tasks', { title: 'x' }, { authorization: 'Bearer bad' })
  await api.send('POST', '/api/v1/tasks', { title: 'x' }, { 'idempotency-key': 'a b' })
  expect(api.steps).toEqual(['actor', 'actor'])
  await api.send('POST', '/api/v1/auth/refresh', { refreshToken: 'x' })
  expect(api.steps).toEqual(['actor', 'actor', 'body'])
})

test('T11: a POST without a body needs no content type, and a type is read as HTTP has it', async () => {
  const api = recordingApi()
  api.answer = { output: { ended: true } }
  const statuses = async (answers: readonly Promise<Response>[]) => (await Promise.all(answers)).map(({ status }) => status)
  expect(
    await statuses([
      api.send('POST', '/api/v1/auth/logout'),
      api.send('PATCH', task, { title: 'x' }, { 'content-type': 'application/merge-patch+json' }),
      api.send('PATCH', task, { title: 'x' }, { 'content-type': 'Application/JSON; charset=utf-8' }),
      api.send('POST', '/api/v1/tasks', 'title=x', { 'content-type': 'application/x-www-form-urlencoded' }),
      api.send('POST', '/api/v1/tasks', { title: 'x' }, { 'content-type': 'application/jsonx' }),
    ]),
  ).toEqual([204, 200, 200, 415, 415])
})

describe('T12: a path', () => {
  test('is exact in case, in slashes and in dots', async () => {
    const api = recordingApi()
    const wrong = ['/api/v1/Tasks', '/API/v1/tasks', '/api/v1/tasks/', '/api/v1', '/api/v1/', '/api/v1/nothing', '/x/api/v1/tasks']
    const wrongToo = ['/api/v1/tasksX', '/api/v1//tasks', '/api/v1/tasks//restore', `${task}/`, '/api/v1/tasks%2F', `/api/v1/tasks%2F${id}`]
    for (const path of [...wrong, ...wrongToo]) expect([path, (await api.send('GET', path)).status]).toEqual([path, 404])
    for (const path of ['/api/v1/tasks', '/api/v1/t%61sks', `/api/v1/task%73/${id}`])
      expect([path, (await api.send('GET', path)).status]).toEqual([path, 200])
    const dots = recordingApi(table)
    await dots.send('GET', '/api/v1/things/v1x0')
    await dots.send('GET', '/api/v1/things/v1.0')
    expect(dots.calls.map(({ operation: name }) => name)).toEqual(['things.thing', 'things.dotted'])
  })

  test('that is fixed wins over a parameter, whatever the order in the table', async () => {
    const api = recordingApi(table)
    for (const path of ['export', 'expor%74', 'a%20b%2Fc', 'caf%C3%A9%2541', '%2e%2e%2f', 'a+b', 'x'.repeat(5_000)])
      await api.send('GET', `/api/v1/things/${path}`)
    expect(api.calls.map(({ operation: name, input }) => [name, input])).toEqual([
      ['things.thingExport', {}],
      ['things.thingExport', {}],
      ['things.thing', { id: 'a b/c' }],
      ['things.thing', { id: 'café%41' }],
      ['things.thing', { id: '../' }],
      ['things.thing', { id: 'a+b' }],
      ['things.thing', { id: 'x'.repeat(5_000) }],
    ])
  })

  test('with both is searched to its end', async () => {
    const api = recordingApi(table)
    for (const path of ['export/a', 'other/a', 'export/a/deep', 'exp%6Frt/a', 'export/a%2Fb'])
      expect((await api.send('GET', `/api/v1/things/${path}`)).status).toBe(200)
    expect(api.calls.map(({ operation: name }) => name)).toEqual([
      'things.exportPart',
      'things.part',
      'things.deepPart',
      'things.exportPart',
      'things.exportPart',
    ])
    for (const path of ['export/', 'export//deep', 'other/a/shallow', 'other/a/deep/', '/a/deep'])
      expect([path, (await api.send('GET', `/api/v1/things/${path}`)).status]).toEqual([path, 404])
  })

  test.each(['%E0%A4%A', '%', '%zz', '%ff', 'a%C0%AFb'])('with the parameter %s cannot be decoded: 400', async (text) => {
    const malformed = await recordingApi(table).send('GET', `/api/v1/things/${text}`)
    expect(malformed.status).toBe(400)
    expect(await malformed.json()).toEqual({
      code: 'REQUEST_MALFORMED',
      faults: [{ parameter: 'id', detail: 'is not valid percent-encoded UTF-8' }],
    })
  })
})

describe('T13: a method', () => {
  test('HEAD is GET without a body, and only where GET is', async () => {
    const api = recordingApi()
    api.answer = { output: committed }
    const head = await api.send('HEAD', task)
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', `"${version}-c"`])
    expect((await api.send('HEAD', '/api/v1/auth/login')).status).toBe(405)
    expect((await api.send('HEAD', '/api/v1/nothing')).status).toBe(404)
  })

  test('OPTIONS names the methods', async () => {
    const response = await recordingApi().send('OPTIONS', task)
    expect(response.status).toBe(204)
    expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'])
    expect(response.headers.get('accept-patch')).toBe('application/merge-patch+json, application/json')
  })

  test.each(['POST', 'TRACE2', 'PROPFIND'])('%s on a path that does not take it is 405 with Allow', async (method) => {
    const response = await recordingApi().send(method, task)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('PATCH')
    expect(await response.json()).toMatchObject({ code: 'ROUTE_METHOD_NOT_ALLOWED' })
  })
})

test('T14: what a query cannot say is refused when the table is compiled; a body says whatever its schema does', async () => {
  const compile = (schema: z.ZodType) => () =>
    recordingApi({ things: { search: operation({ ...search, input: z.strictObject({ q: schema }) }) } })
  for (const schema of [z.object({}), z.union([z.string(), z.int()]), z.record(z.string(), z.string()), z.number(), z.array(z.object({}))])
    expect(compile(schema)).toThrow('text cannot say')
  const api = recordingApi()
  await api.send('GET', '/api/v1/tasks?status=todo&status=done&limit=7')
  await api.send('POST', '/api/v1/auth/login', { grant: { type: 'id_token', idToken: 'x' } })
  await api.send('PATCH', task, { due: { instant: '2030-01-01T00:00:00Z', zone: 'UTC' } })
  expect(api.calls.map(({ input }) => input)).toEqual([
    { status: ['todo', 'done'], limit: 7, sort: '-created' },
    { grant: { type: 'id_token', idToken: 'x' } },
    { id, due: { instant: '2030-01-01T00:00:00Z', zone: 'UTC' } },
  ])
})

/** Calls an operation with what its first example and this file’s ids say; its handler must answer. */
async function call(api: RecordingApi, entry: AnyOperation): Promise<Response> {
  const [example = {}] = Object.values(entry.examples?.requests ?? {})
  const names = new Set(pathNames(entry.path))
  const body = Object.fromEntries(Object.entries(example as object).filter(([name]) => !names.has(name)))
  return api.send(entry.method, `/api/v1${entry.path.replaceAll(/\{\w+\}/g, id)}`, takesBody(entry) ? body : undefined)
}

const everyOperation = Object.entries<Record<string, AnyOperation>>(contract).flatMap(([area, verbs]) =>
  Object.entries(verbs).map(([verb, entry]): [string, AnyOperation] => [`${area}.${verb}`, entry]),
)

test.each(everyOperation)('T15: %s answers with the status and the location of the table', async (_, entry) => {
  const api = recordingApi()
  api.answer = { output: committed }
  const done = await call(api, entry)
  expect([done.status, done.headers.has('location')]).toEqual([entry.status, entry.status === 201])
  api.answer = { output: { id, operationId, durability: 'buffered' } }
  const later = await call(api, entry)
  expect(later.status).toBe(entry.accepted === null ? entry.status : 202)
  if (entry.accepted !== null) expect(later.headers.get('location')).toBe(`/api/v1/operations/${operationId}`)
})

test('T16: an answer carries headers, as data', async () => {
  const api = recordingApi()
  api.answer = { output: committed, isReplay: true, preferencesApplied: ['wait=5'], consistencyToken: 'a.1' }
  expect(Object.fromEntries((await api.send('PATCH', task, { title: 'x' })).headers)).toEqual({
    'consistency-token': 'a.1',
    'content-type': 'application/json',
    durability: 'committed',
    etag: `"${version}-c"`,
    'idempotency-replayed': 'true',
    'preference-applied': 'wait=5',
    vary: 'Accept, Authorization',
  })
})

test('T17: the door answers no error by itself: each is thrown, with its code, to the one place that makes problems', async () => {
  const api = recordingApi()
  const refusals: [string, number, string][] = [
    ['GET /api/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
    ['POST /api/v1/tasks/1', 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['GET /api/v1/tasks/%ff', 400, 'REQUEST_MALFORMED'],
    ['GET /api/v1/tasks?limit=x', 422, 'REQUEST_INVALID'],
  ]
  for (const [request, ...answer] of refusals) {
    const [method = '', path = ''] = request.split(' ')
    expect([request, ...(await statusAndCode(api.send(method, path)))]).toEqual([request, ...answer])
  }
})

test('T18: what JSON cannot say is an error that is answered, and no schema of the contract says it', async () => {
  const api = recordingApi()
  api.answer = { output: { ...committed, count: 2n ** 63n } }
  expect(await statusAndCode(api.send('GET', task))).toEqual([500, 'INTERNAL_ERROR'])
  // z.toJSONSchema throws for a bigint, a date, a map and whatever else needs a transformer.
  expect(Object.keys(schemaPicture(contract))).toHaveLength(everyOperation.length)
  const big: ContractTable = { a: { b: { ...thing, output: z.object({ count: z.bigint() }) } } }
  expect(() => schemaPicture(big)).toThrow()
})
