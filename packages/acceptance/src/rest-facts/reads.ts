import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { refusalOf } from '../driver.rest.ts'
import { createTask } from '../people.ts'
import { send } from '../rest-request.ts'
import type { RestDoor } from './rest-door.ts'

/** What reads answer, and preconditions. */
export function registerRestReads(rest: RestDoor): void {
  describe('a read', () => {
    test('answers 304 to those who have it already, by the whole tag', async () => {
      const { ask, api } = await rest.somebodyNew()
      const { id } = await createTask(api, 'x')
      const path = `/api/v1/tasks/${id}`
      const etag = (await ask('GET', path)).headers.get('etag') ?? ''
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const answer = await ask('GET', path, { headers: { 'If-None-Match': known } })
        expect(answer, known).toMatchObject({ status: 304, text: '' })
        expect(answer.headers.get('etag')).toBe(etag)
      }
      await ask('PATCH', path, { body: { title: 'y' } })
      expect(await ask('GET', path, { headers: { 'If-None-Match': etag } })).toMatchObject({ status: 200 })
      const profile = await ask('GET', '/api/v1/profile')
      expect(await ask('GET', '/api/v1/profile', { headers: { 'If-None-Match': profile.headers.get('etag') ?? '' } })).toMatchObject({
        status: 304,
      })
    })

    test('by HEAD has the headers of GET and no body', async () => {
      const { ask, api } = await rest.somebodyNew()
      const { id } = await createTask(api, 'x')
      const [head, get] = [await ask('HEAD', `/api/v1/tasks/${id}`), await ask('GET', `/api/v1/tasks/${id}`)]
      expect(head).toMatchObject({ status: 200, text: '' })
      for (const name of ['etag', 'content-type']) expect(head.headers.get(name)).toBe(get.headers.get(name))
      expect(await ask('HEAD', `/api/v1/tasks/${randomUUID()}`)).toMatchObject({ status: 404, text: '' })
    })

    test('is refused where no representation fits', async () => {
      const { ask } = await rest.somebodyNew()
      expect(refusalOf(await ask('GET', '/api/v1/tasks', { headers: { Accept: 'text/csv' } }))).toMatchObject({
        status: 406,
        code: 'REQUEST_NOT_ACCEPTABLE',
      })
      expect(await ask('GET', '/api/v1/tasks', { headers: { Accept: 'text/html, application/*;q=0.5' } })).toMatchObject({ status: 200 })
    })
  })

  describe('If-Match', () => {
    test('takes the tag of an answer, or a star, and refuses what is malformed', async () => {
      const { ask } = await rest.somebodyNew()
      const created = await ask('POST', '/api/v1/tasks', { body: { title: 'x' } })
      const path = created.headers.get('location') ?? ''
      const patch = (match: string) => ask('PATCH', path, { body: { title: match.slice(0, 40) }, headers: { 'If-Match': match } })
      const etag = created.headers.get('etag') ?? ''
      expect(await patch(etag)).toMatchObject({ status: 200 })
      expect(refusalOf(await patch(etag))).toMatchObject({ status: 412, code: 'VERSION_STALE' })
      expect(await patch('*')).toMatchObject({ status: 200 })
      for (const malformed of ['1.2', `W/${etag}`, '"a", "b"', '"'])
        expect(refusalOf(await patch(malformed))).toMatchObject({
          status: 400,
          code: 'PRECONDITION_MALFORMED',
          places: ['/options/ifMatch'],
        })
    })
  })

  describe('paths and methods', () => {
    test('a method that a path does not take is refused with those that it takes', async () => {
      const { ask } = await rest.somebodyNew()
      const answer = await ask('DELETE', '/api/v1/tasks')
      expect(refusalOf(answer)).toMatchObject({ status: 405, code: 'ROUTE_METHOD_NOT_ALLOWED' })
      expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
      const options = await ask('OPTIONS', `/api/v1/tasks/${randomUUID()}`)
      expect([options.status, options.headers.get('allow')?.split(', ').toSorted()]).toEqual([
        204,
        ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'],
      ])
    })

    test('a path that is not there is a problem, also with a slash at its end or a malformed escape', async () => {
      const { ask } = await rest.somebodyNew()
      for (const path of ['/api/v1/task', '/api/v1/tasks/', '/api/v2/tasks', '/nothing', '/api/v1/Tasks'])
        expect(refusalOf(await ask('GET', path)), path).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' })
      expect(refusalOf(await ask('GET', '/api/v1/tasks/%E0%A4%A'))).toMatchObject({
        status: 400,
        code: 'REQUEST_MALFORMED',
        places: ['/id'],
      })
      expect(refusalOf(await ask('GET', '/api/v1/tasks?cursor=%zz'))).toMatchObject({ status: 400, code: 'REQUEST_MALFORMED' })
    })

    test('a refusal names its page and its request, and asks for a token by the scheme', async () => {
      const answer = await send(rest.origin(), { method: 'GET', path: '/api/v1/tasks', headers: { 'X-Request-Id': 'my-request' } })
      expect(answer.json).toEqual({
        type: '/errors/AUTH_REQUIRED',
        title: 'An access token is needed',
        status: 401,
        code: 'AUTH_REQUIRED',
        detail: expect.any(String),
        instance: 'urn:holdfast:request:my-request',
        requestId: 'my-request',
      })
      expect([answer.headers.get('www-authenticate'), answer.headers.get('x-request-id')]).toEqual(['Bearer', 'my-request'])
    })
  })
}
