import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doorExamples } from './door-examples.ts'
import { fakeDoors } from './fake-doors.ts'

const id = '018f0000-0000-7000-8000-000000000001'
const good = { authorization: 'Bearer good' }

test('/openapi.json is the committed document, of the server that it comes from', async () => {
  const response = await fakeDoors().app.request('/openapi.json')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  const committed = await readFile(join(import.meta.dirname, '../../../../openapi/openapi.json'), 'utf8')
  expect(await response.text()).toBe(committed.replace('"url": "http://127.0.0.1:3000"', '"url": "/"'))
})

test.each<[string, string, RequestInit, number, string]>([
  ['an unknown path', '/api/v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
  ['a path beside the API', '/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
  ['a wrong method', '/api/v1/tasks', { method: 'DELETE' }, 405, 'ROUTE_METHOD_NOT_ALLOWED'],
  ['no token', '/api/v1/tasks', { headers: {} }, 401, 'AUTH_REQUIRED'],
  ['another media type', '/api/v1/tasks', { headers: { ...good, accept: 'text/html' } }, 406, 'REQUEST_NOT_ACCEPTABLE'],
  ['a malformed path', '/api/v1/tasks/%ff', {}, 400, 'REQUEST_MALFORMED'],
  [
    'broken JSON',
    '/api/v1/tasks',
    { method: 'POST', body: '{"title":', headers: { ...good, 'content-type': 'application/json' } },
    400,
    'REQUEST_MALFORMED',
  ],
  [
    'a key twice',
    '/api/v1/tasks',
    { method: 'POST', body: '{"title":"a","title":"b"}', headers: { ...good, 'content-type': 'application/json' } },
    422,
    'REQUEST_INVALID',
  ],
  [
    '1 MB',
    '/api/v1/tasks',
    { method: 'POST', body: `{"title":"${'x'.repeat(1e6)}"}`, headers: { ...good, 'content-type': 'application/json' } },
    413,
    'REQUEST_TOO_LARGE',
  ],
  [
    'another type',
    '/api/v1/tasks',
    { method: 'POST', body: 'x', headers: { ...good, 'content-type': 'text/plain' } },
    415,
    'REQUEST_MEDIA_TYPE_UNSUPPORTED',
  ],
])('%s is a problem (RFC 9457)', async (_, path, init, status, code) => {
  const doors = fakeDoors()
  const response = await doors.app.request(path, { headers: good, ...init })
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  expect(await response.json()).toMatchObject({ code, status, requestId: 'request-1', type: expect.stringContaining(code) })
  expect(doors.received).toEqual([])
})

test('405 says what is allowed', async () => {
  const response = await fakeDoors().app.request(`/api/v1/tasks/${id}/restore`, { headers: good })
  expect(response.headers.get('allow')).toBe('POST, OPTIONS')
})

test('answers vary by who asks, beside what the edge says', async () => {
  const doors = fakeDoors()
  doors.answer = () => ({ output: doorExamples.tasks.list.output })
  const response = await doors.app.request('/api/v1/tasks', { headers: good })
  expect(response.headers.get('vary')).toContain('Authorization')
})
