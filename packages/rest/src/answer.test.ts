import { describe, expect, test } from 'vitest'
import { recordingApi } from './recording-api.ts'

const id = '018f0000-0000-7000-8000-000000000001'
const operationId = '018f0000-0000-7000-8000-000000000002'
const version = `1.${operationId}`
const task = `/api/v1/tasks/${id}`
const committed = { id, title: 'x', version, durability: 'committed', operationId }
const accepted = { id, durability: 'buffered', operationId }

async function answered(method: string, path: string, output: unknown, extra: object = {}, headers: Record<string, string> = {}) {
  const api = recordingApi()
  api.answer = { output, ...extra }
  const response = await api.send(method, path, method === 'GET' || method === 'DELETE' ? undefined : { title: 'x' }, headers)
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() }
}

test('a committed creation is 201 with its location', async () => {
  const { status, headers, text } = await answered('POST', '/api/v1/tasks', committed)
  expect(status).toBe(201)
  expect(headers).toEqual({
    'content-type': 'application/json',
    durability: 'committed',
    etag: `"${version}-c"`,
    location: task,
    vary: 'Accept, Authorization',
  })
  expect(JSON.parse(text)).toEqual(committed)
})

test.each(['POST', 'PATCH', 'PUT', 'DELETE'])('a buffered %s is 202 with the location of its operation', async (method) => {
  const { status, headers, text } = await answered(method, method === 'POST' ? '/api/v1/tasks' : task, accepted)
  expect(status).toBe(202)
  expect(headers).toMatchObject({ durability: 'buffered', location: `/api/v1/operations/${operationId}` })
  expect(headers['etag']).toBeUndefined()
  expect(JSON.parse(text)).toEqual(accepted)
})

test('a buffered task whose version is known has its tag', async () => {
  expect((await answered('PATCH', task, { ...accepted, version })).headers['etag']).toBe(`"${version}-b"`)
})

test('a committed deletion is 204 without a body, whatever the handler answered', async () => {
  const { status, headers, text } = await answered('DELETE', task, { id, durability: 'committed', operationId })
  expect([status, text, headers['durability'], headers['content-type']]).toEqual([204, '', 'committed', undefined])
})

test('an exchange says nothing of durability', async () => {
  const api = recordingApi()
  api.answer = { output: { ended: true } }
  const logout = await api.send('POST', '/api/v1/auth/logout')
  expect([logout.status, await logout.text(), logout.headers.get('durability')]).toEqual([204, '', null])
})

test('a replay and the preferences that held are said', async () => {
  const { headers } = await answered('PATCH', task, committed, { isReplay: true, preferencesApplied: ['durability=committed', 'wait=5'] })
  expect(headers).toMatchObject({ 'idempotency-replayed': 'true', 'preference-applied': 'durability=committed, wait=5' })
  const plain = await answered('PATCH', task, committed, { isReplay: false, preferencesApplied: [] })
  expect(plain.headers).not.toHaveProperty('idempotency-replayed')
  expect(plain.headers).not.toHaveProperty('preference-applied')
})

describe('If-None-Match', () => {
  test.each([
    [`"${version}-c"`, 304],
    [`W/"${version}-c"`, 304],
    [`"other", "${version}-c"`, 304],
    ['*', 304],
    [`"${version}-b"`, 200],
    [`"${version}"`, 200],
    [version, 200],
    ['', 200],
  ])('%s → %i', async (header, status) => {
    const answer = await answered('GET', task, committed, {}, { 'if-none-match': header })
    expect([answer.status, answer.headers['etag'], answer.text === '']).toEqual([status, `"${version}-c"`, status === 304])
    if (status === 304) expect(answer.headers).not.toHaveProperty('content-type')
  })

  test('does not stop a write', async () => {
    expect((await answered('PATCH', task, committed, {}, { 'if-none-match': '*' })).status).toBe(200)
  })

  test('a list has no tag', async () => {
    expect((await answered('GET', '/api/v1/tasks', { items: [], nextCursor: null })).headers).not.toHaveProperty('etag')
  })
})
