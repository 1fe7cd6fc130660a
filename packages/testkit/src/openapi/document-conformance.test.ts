import { expect, test } from 'vitest'
import { documentConformance, type ObservedAnswer } from './document-conformance.ts'
import { committedDocument } from './document-parts.ts'

const problemsOf = documentConformance(committedDocument())

const operationId = '018f0000-0000-7000-8000-000000000002'
const task = {
  id: '018f0000-0000-7000-8000-000000000001',
  title: 'Write it',
  description: '',
  status: 'todo',
  priority: 'none',
  due: null,
  position: '',
  labels: [],
  createdAt: '2030-01-31T09:00:00.000Z',
  updatedAt: '2030-01-31T09:00:00.000Z',
  completedAt: null,
  version: `1.${operationId}`,
  durability: 'committed',
  operationId,
}
const made: Record<string, string> = {
  'content-type': 'application/json',
  'consistency-token': 'k.1',
  durability: 'committed',
  etag: `"1.${operationId}-c"`,
  location: `/api/v1/tasks/${task.id}`,
  'cache-control': 'no-store',
}
const without = (name: string) => Object.fromEntries(Object.entries(made).filter(([other]) => other !== name))

const created = (
  change: Omit<Partial<ObservedAnswer>, 'headers'> & { headers?: Record<string, string>; body?: unknown },
): ObservedAnswer => {
  const { body = task, headers = made, ...rest } = change
  return { method: 'POST', path: '/api/v1/tasks?x', status: 201, text: JSON.stringify(body), ...rest, headers: new Headers(headers) }
}
const problem = { type: '/errors/X', title: 'x', status: 404, code: 'ROUTE_NOT_FOUND', instance: 'urn:x', requestId: 'r' }
const refused = { 'content-type': 'application/problem+json' }

test('an answer that is all in the document is good', () => {
  expect(problemsOf(created({}))).toEqual([])
  const buffered = { ...made, durability: 'buffered', location: `/api/v1/operations/${operationId}` }
  const accepted = { id: task.id, operationId, durability: 'buffered' }
  expect(problemsOf(created({ status: 202, headers: buffered, body: accepted }))).toEqual([])
})

test('so are members and general headers that it leaves open', () => {
  expect(problemsOf(created({ body: { ...task, new: 1 }, headers: { ...made, 'x-frame-options': 'DENY' } }))).toEqual([])
})

test('a path beside the API is not judged, nor is OPTIONS', () => {
  expect(problemsOf(created({ path: '/status', status: 299 }))).toEqual([])
  expect(problemsOf(created({ method: 'OPTIONS', status: 204, text: '' }))).toEqual([])
})

test.each<[what: string, answer: ObservedAnswer, says: RegExp]>([
  ['an undeclared status', created({ status: 200 }), /^status 200 is not declared$/],
  ['no Durability', created({ headers: without('durability') }), /^header Durability is missing$/],
  ['no Location', created({ headers: without('location') }), /^header Location is missing$/],
  ['no ETag', created({ headers: without('etag') }), /^header ETag is missing$/],
  ['no Consistency-Token', created({ headers: without('consistency-token') }), /^header Consistency-Token is missing$/],
  ['a durability of another status', created({ headers: { ...made, durability: 'buffered' } }), /^header Durability: "buffered"/],
  ['a tag without its mark', created({ headers: { ...made, etag: '"1"' } }), /^header ETag: /],
  ['an undeclared header', created({ headers: { ...made, 'x-more': '1' } }), /^header x-more is not declared$/],
  ['another content type', created({ headers: { ...made, 'content-type': 'text/plain' } }), /^content type text\/plain, not/],
  ['a missing member', created({ body: { ...task, title: undefined } }), /^body must have required property 'title'/],
  ['a member of another type', created({ body: { ...task, labels: 'x' } }), /^body\/labels must be array/],
  ['no JSON', created({ text: '{' }), /^body must be object/],
  [
    'a body with 204',
    created({
      method: 'DELETE',
      path: `/api/v1/tasks/${task.id}`,
      status: 204,
      headers: { durability: 'committed', 'consistency-token': 'k.1' },
    }),
    /^a body or its type/,
  ],
  [
    'an error without its problem type',
    created({ status: 422, body: { ...problem, status: 422, code: 'REQUEST_INVALID' } }),
    /content type application\/json, not/,
  ],
  [
    'a code of another status',
    created({ status: 422, headers: refused, body: { ...problem, status: 422 } }),
    /^body\/code must be equal to one of the allowed values/,
  ],
  [
    '503 without Retry-After',
    created({ status: 503, headers: refused, body: { ...problem, code: 'STORE_UNAVAILABLE' } }),
    /^header Retry-After is missing$/,
  ],
  [
    'a Retry-After that is no number',
    created({ status: 503, headers: { ...refused, 'retry-after': 'soon' }, body: { ...problem, code: 'STORE_UNAVAILABLE' } }),
    /^header Retry-After: "soon" must be integer/,
  ],
  ['405 without Allow', created({ method: 'DELETE', status: 405, headers: refused, body: problem }), /^405 without Allow$/],
  ['success at no path', created({ path: '/api/v1/nothing' }), /^answered 201 where nothing is declared: 404 was expected$/],
  ['a bare error at no path', created({ path: '/api/v1/nothing', status: 404 }), /^content type application\/json, not/],
])('%s is found', (_, answer, says) => {
  expect(problemsOf(answer).join('\n')).toMatch(says)
})
