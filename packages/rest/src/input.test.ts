import { operation } from '@holdfast/contract/operation'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { recordingApi } from './recording-api.ts'

const id = '018f0000-0000-7000-8000-000000000001'
const task = `/api/v1/tasks/${id}`

const search = operation({
  operationId: 'search',
  kind: 'read',
  method: 'GET',
  path: '/search',
  tag: 'T',
  summary: '',
  description: '',
  permission: null,
  input: z.strictObject({
    done: z.boolean().optional(),
    count: z.int().min(0).optional(),
    counts: z.array(z.int()).max(3).default([7]),
    text: z.string().max(10).optional(),
  }),
  output: z.object({}),
  accepted: null,
  status: 200,
  errors: [],
})

describe('query', () => {
  test.each<[string, unknown]>([
    ['', { counts: [7] }],
    ['?done=false', { done: false, counts: [7] }],
    ['?done=true&count=0', { done: true, count: 0, counts: [7] }],
    ['?counts=1&counts=-2', { counts: [1, -2] }],
    ['?text=5', { text: '5', counts: [7] }],
    ['?text=a%20b%2Bc+d&', { text: 'a b+c d', counts: [7] }],
    ['?text=%C3%A9', { text: 'é', counts: [7] }],
    ['?text', { text: '', counts: [7] }],
    ['?t%65xt=null', { text: 'null', counts: [7] }],
  ])('%s is read', async (query, input) => {
    const api = recordingApi({ things: { search } })
    expect((await api.send('GET', `/api/v1/search${query}`)).status).toBe(200)
    expect(api.calls[0]?.input).toEqual(input)
  })

  test.each([
    ['?done=no', 'done'],
    ['?done=', 'done'],
    ['?done=TRUE', 'done'],
    ['?count=', 'count'],
    ['?count=0x10', 'count'],
    ['?count=1e3', 'count'],
    ['?count=1.0', 'count'],
    ['?count=%201', 'count'],
    ['?count=00', 'count'],
    ['?count=99999999999999999999', 'count'],
    ['?count=-1', 'count'],
    ['?count=1&count=2', 'count'],
    ['?count[]=1', 'count[]'],
    ['?counts=1&counts=x', 'counts'],
    ['?text=a&text=b', 'text'],
    ['?unknown=1', 'unknown'],
    ['?__proto__=1', '__proto__'],
    ['?__proto__=1&__proto__=2', '__proto__'],
    ['?constructor=1', 'constructor'],
    ['?toString=x', 'toString'],
    ['?hasOwnProperty=x', 'hasOwnProperty'],
  ])('%s is 422 and names %s', async (query, parameter) => {
    const api = recordingApi({ things: { search } })
    const response = await api.send('GET', `/api/v1/search${query}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID', faults: [{ parameter }] })
    expect(api.calls).toEqual([])
  })

  test.each(['?text=%', '?%E0%A4%A=1', '?text=%ff'])('%s cannot be decoded: 400', async (query) => {
    const response = await recordingApi({ things: { search } }).send('GET', `/api/v1/search${query}`)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'REQUEST_MALFORMED'])
  })

  test('ten thousand parameters are answered with at most 20 faults', async () => {
    const query = Array.from({ length: 10_000 }, (_, at) => `p${at}=1`).join('&')
    const response = await recordingApi({ things: { search } }).send('GET', `/api/v1/search?${query}`)
    expect(response.status).toBe(422)
    expect(((await response.json()) as { faults: unknown[] }).faults).toHaveLength(20)
  })

  test('a path parameter is not taken from the query, nor any parameter by an operation with a body', async () => {
    const api = recordingApi()
    for (const [method, path, parameter] of [
      ['GET', `${task}?id=other`, 'id'],
      ['POST', '/api/v1/tasks?title=x', 'title'],
      ['POST', `${task}/restore?force=1`, 'force'],
      ['DELETE', `${task}?force=1`, 'force'],
    ] as const) {
      const response = await api.send(method, path, method === 'POST' ? { title: 'x' } : undefined)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ faults: [{ parameter }] })
    }
    expect(api.calls).toEqual([])
  })
})

describe('body', () => {
  test.each<[string, string, unknown, unknown]>([
    ['POST', '/api/v1/tasks', { title: 5 }, [{ pointer: '/title', detail: 'must be a string' }]],
    ['POST', '/api/v1/tasks', { title: 'x', priority: null }, [{ pointer: '/priority', detail: expect.stringMatching(/^must be one of/) }]],
    ['POST', '/api/v1/tasks', '{"title":"x","__proto__":{"a":1}}', [{ pointer: '/__proto__', detail: 'is not a member here' }]],
    ['POST', '/api/v1/tasks', { title: 'x', constructor: 1 }, [{ pointer: '/constructor', detail: 'is not a member here' }]],
    ['POST', '/api/v1/tasks', undefined, [{ pointer: '/title', detail: 'is required' }]],
    ['POST', '/api/v1/tasks', '[]', [{ pointer: '', detail: 'must be an object' }]],
    ['POST', '/api/v1/tasks', 'null', [{ pointer: '', detail: 'must be an object' }]],
    ['POST', '/api/v1/tasks', '"x"', [{ pointer: '', detail: 'must be an object' }]],
    ['PATCH', task, { id }, [{ pointer: '/id', detail: 'is given by the path: leave it out of the body' }]],
    ['PUT', '/api/v1/tasks/nope', { title: 'x' }, [{ parameter: 'id', detail: 'must be a UUID' }]],
    [
      'PUT',
      '/api/v1/profile',
      { locale: 'en', timeZone: 'UTC', theme: 'dark', weekStart: 'monday', notifications: { dueSoon: 'true', taskChanged: true } },
      [{ pointer: '/notifications/dueSoon', detail: 'must be true or false' }],
    ],
    ['POST', `${task}/restore`, { force: true }, [{ pointer: '/force', detail: 'is not a member here' }]],
    ['POST', '/api/v1/auth/logout', { all: true }, [{ pointer: '/all', detail: 'is not a member here' }]],
  ])('%s %s %j is 422 and names the place', async (method, path, body, faults) => {
    const api = recordingApi()
    const response = await api.send(method, path, body)
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({ code: 'REQUEST_INVALID', faults })
    expect(api.calls).toEqual([])
  })

  test.each(['/api/v1/auth/logout', `${task}/restore`])('POST %s takes nothing, an empty body, or {}', async (path) => {
    const api = recordingApi()
    api.answer = { output: { durability: 'committed', ended: true } }
    const answers = [
      await api.send('POST', path),
      await api.send('POST', path, '', { 'content-type': 'text/plain' }),
      await api.send('POST', path, {}),
    ]
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true])
    expect(api.calls).toHaveLength(3)
  })

  test.each([
    ['POST', 'application/json', 200],
    ['POST', 'Application/JSON; charset=utf-8', 200],
    ['POST', 'application/jsonfoo', 415],
    ['POST', 'application/merge-patch+json', 415],
    ['POST', 'text/plain', 415],
    ['POST', 'application/x-www-form-urlencoded', 415],
    ['PATCH', 'application/json', 200],
    ['PATCH', 'application/merge-patch+json', 200],
    ['PATCH', 'application/json-patch+json', 415],
  ])('%s with %s → %i', async (method, contentType, status) => {
    const api = recordingApi()
    const response = await api.send(
      method,
      method === 'POST' ? '/api/v1/auth/refresh' : task,
      method === 'POST' ? { refreshToken: 'x' } : { title: 'x' },
      {
        'content-type': contentType,
      },
    )
    expect(response.status).toBe(status)
    if (status === 415) expect(await response.json()).toMatchObject({ faults: [{ header: 'Content-Type' }] })
  })

  test('a body of an unsupported type is not read', async () => {
    const api = recordingApi()
    await api.send('POST', '/api/v1/tasks', 'x', { 'content-type': 'text/plain' })
    expect(api.steps).toEqual(['actor'])
  })

  test('a body where none is taken is refused', async () => {
    const api = recordingApi()
    const response = await api.send('DELETE', task, { reason: 'x' })
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'REQUEST_MALFORMED'])
    expect((await api.send('GET', '/api/v1/tasks', undefined, { 'transfer-encoding': 'chunked' })).status).toBe(400)
    api.answer = { output: { durability: 'committed' } }
    expect((await api.send('DELETE', task, undefined, { 'content-length': '0', 'content-type': 'application/json' })).status).toBe(204)
  })
})

test('a body that comes in pieces and without a content type is refused', async () => {
  const api = recordingApi()
  const body = new Blob(['{"title":"x"}']).stream()
  const response = await api.app.request('/api/v1/tasks', { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect([response.status, await response.json()]).toMatchObject([415, { code: 'REQUEST_MEDIA_TYPE_UNSUPPORTED' }])
  expect(api.calls).toEqual([])
})
