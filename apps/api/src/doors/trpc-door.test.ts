import { ApplicationError } from '@holdfast/domain/application-error'
import { describe, expect, test } from 'vitest'
import { fakeDoors } from './fake-doors.ts'

const json = { 'content-type': 'application/json', authorization: 'Bearer good' }

async function send(path: string, init: RequestInit = {}) {
  const doors = fakeDoors()
  const response = await doors.app.request(path, { headers: json, ...init })
  const text = await response.text()
  return { doors, status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) }
}

describe('what is not a call gets tRPC’s form, our code, and nothing foreign', () => {
  const post = (body: string, headers: Record<string, string> = json): RequestInit => ({ method: 'POST', body, headers })
  test.each<[string, string, RequestInit, number, string]>([
    ['an unknown procedure', '/trpc/tasks.nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['a name of every object', '/trpc/__proto__', {}, 404, 'ROUTE_NOT_FOUND'],
    ['a query by POST', '/trpc/tasks.list', post('{}'), 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['a mutation by GET', '/trpc/tasks.create?input={}', {}, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['PUT', '/trpc/tasks.create', { ...post('{}'), method: 'PUT' }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
    ['HEAD', '/trpc/tasks.list', { method: 'HEAD' }, 405, ''],
    ['broken JSON in a body', '/trpc/tasks.create', post('{"title":'), 400, 'REQUEST_MALFORMED'],
    ['broken JSON in a query', '/trpc/tasks.list?input=%7Bsecret', {}, 400, 'REQUEST_MALFORMED'],
    ['a broken path', '/trpc/%E0%A4%A', {}, 400, 'REQUEST_MALFORMED'],
    [
      'a form',
      '/trpc/tasks.create',
      post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'REQUEST_MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'multipart',
      '/trpc/tasks.create',
      post('--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
      415,
      'REQUEST_MEDIA_TYPE_UNSUPPORTED',
    ],
    ['octets', '/trpc/tasks.create', post('x', { 'content-type': 'application/octet-stream' }), 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED'],
    ['a large body', '/trpc/tasks.create', post(JSON.stringify({ title: 'x'.repeat(300_000) })), 413, 'REQUEST_TOO_LARGE'],
    ['a deep body', '/trpc/tasks.create', post(`${'['.repeat(100)}${']'.repeat(100)}`), 422, 'REQUEST_INVALID'],
    ['a batch of 11', `/trpc/${Array(11).fill('profile.get').join(',')}?batch=1&input={}`, {}, 413, 'REQUEST_TOO_LARGE'],
    ['a batch of 11, encoded', `/trpc/${Array(11).fill('profile.get').join('%2C')}?batch=1&input={}`, {}, 413, 'REQUEST_TOO_LARGE'],
    ['a batch of both kinds', '/trpc/profile.get,tasks.create?batch=1', post('{}'), 400, 'REQUEST_MALFORMED'],
    ['a batch without an object', '/trpc/tasks.create,tasks.create?batch=1', post('[]'), 400, 'REQUEST_MALFORMED'],
    [
      'a streamed answer',
      '/trpc/profile.get?batch=1&input={}',
      { headers: { ...json, 'trpc-accept': 'application/jsonl' } },
      406,
      'REQUEST_NOT_ACCEPTABLE',
    ],
  ])('%s', async (_, path, init, status, code) => {
    const { doors, status: answered, headers, body, text } = await send(path, init)
    expect([answered, headers.get('content-type')]).toEqual([status, 'application/json'])
    expect(text).not.toContain('secret')
    expect(text).not.toContain('stack')
    expect(doors.received).toEqual([])
    if (code === '') return
    const { error } = Array.isArray(body) ? body[0] : body
    expect(error).toMatchObject({ code: -32600, data: { code, httpStatus: status, requestId: 'request-1' } })
    expect(error.message).toBe(error.message.trim())
  })

  test.each(['Idempotency-Key', 'If-Match', 'Prefer'])('the header %s is refused by its name', async (header) => {
    const { status, body, doors } = await send('/trpc/tasks.create', { ...post('{"title":"x"}', { ...json, [header]: 'x' }) })
    expect(status).toBe(422)
    expect(body.error.data).toMatchObject({ code: 'REQUEST_INVALID', faults: [{ header }] })
    expect(doors.received).toEqual([])
  })

  test('a wrong method says the right one', async () => {
    expect((await send('/trpc/tasks.create')).headers.get('allow')).toBe('POST')
    expect((await send('/trpc/tasks.list', post('{}'))).headers.get('allow')).toBe('GET')
  })
})

test('a batch of ten is answered call by call, and asks once who calls', async () => {
  const names = ['tasks.create', ...Array(9).fill('tasks.delete')]
  const id = '018f0000-0000-7000-8000-000000000001'
  const inputs = Object.fromEntries(
    names.map((name, at) => [at, name === 'tasks.create' ? { title: 1 } : { id, options: { idempotencyKey: `k${at}` } }]),
  )
  const { status, body, doors } = await send(`/trpc/${names.join(',')}?batch=1`, { method: 'POST', body: JSON.stringify(inputs) })
  expect(status).toBe(207)
  expect(body).toHaveLength(10)
  expect(body[0].error.data).toMatchObject({ code: 'REQUEST_INVALID', faults: [{ pointer: '/title', detail: 'must be a string' }] })
  expect(body[1]).toEqual({ result: { data: {} } })
  expect(doors.received.map(({ write }) => write)).toEqual(Array.from({ length: 9 }, (_, at) => ({ idempotencyKey: `k${at + 1}` })))
  expect(doors.asked).toEqual(['good'])
})

test('a batch of writes answers with the consistency token of each that was done', async () => {
  const doors = fakeDoors()
  let written = 0
  doors.answer = () => ({ output: {}, consistencyToken: `k3v9x0ab.${++written}` })
  const body = JSON.stringify({ 0: { title: 'x' }, 1: { title: 1 }, 2: { title: 'y' } })
  const response = await doors.app.request('/trpc/tasks.create,tasks.create,tasks.create?batch=1', { method: 'POST', headers: json, body })
  expect([response.status, response.headers.get('consistency-token')]).toEqual([207, 'k3v9x0ab.1, k3v9x0ab.2'])
})

test('a batch whose calls are all refused says how long to wait, one of which some are refused does not', async () => {
  const doors = fakeDoors()
  const answerTo = async (waits: readonly (number | null)[]) => {
    const left = [...waits]
    doors.answer = () => {
      const retryAfterSeconds = left.shift() ?? null
      return retryAfterSeconds === null ? { output: {} } : new ApplicationError('REQUEST_RATE_LIMITED', { retryAfterSeconds })
    }
    const names = waits.map(() => 'profile.get').join(',')
    const { status, headers } = await doors.app.request(`/trpc/${names}?batch=1&input={}`, { headers: json })
    return [status, headers.get('retry-after')]
  }
  expect(await answerTo([9])).toEqual([429, '9'])
  expect(await answerTo([3, 12, 9])).toEqual([429, '12'])
  expect(await answerTo([3, null])).toEqual([207, null])
})

test('a call without an input is a call with an empty one', async () => {
  expect((await send('/trpc/profile.get')).status).toBe(200)
  expect((await send('/trpc/auth.logout', { method: 'POST', headers: { authorization: 'Bearer good' } })).status).toBe(200)
  expect((await send('/trpc/tasks.create', { method: 'POST' })).body.error.data).toMatchObject({
    faults: [{ pointer: '/title', detail: 'is required' }],
  })
})
