import { setTimeout as sleep } from 'node:timers/promises'
import { assertDocumented } from '@holdfast/testkit/assert-documented'
import { describe, expect, test } from 'vitest'
import { authorization, refusalOf } from '../driver.rest.ts'
import { allTasks, createTask } from '../people.ts'
import type { RestDoor } from './rest-door.ts'

/** Bodies that no typed client sends; what is wrong with each is told by its place or limit. */
export function registerRestBodies(rest: RestDoor): void {
  describe('a body', () => {
    const deep = `{"title":"x","labels":${'['.repeat(40)}${']'.repeat(40)}}`
    const many = `{"title":"x","labels":[${Array.from({ length: 10_001 }, () => '1').join()}]}`
    const bytes = (...parts: (string | number)[]) =>
      new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part])))))

    test.for<[what: string, body: string | Uint8Array<ArrayBuffer>, code: string, names: RegExp]>([
      ['JSON that ends early', '{"title":"x"', 'REQUEST_MALFORMED', /position 12 \(line 1, column 13\)/],
      ['JSON with a comma too many', '{\n  "title": "x",\n}', 'REQUEST_MALFORMED', /position 18 \(line 3, column 1\)/],
      ['single quotes', "{'title':'x'}", 'REQUEST_MALFORMED', /position 1 /],
      ['two values', '{"title":"x"} {"title":"y"}', 'REQUEST_MALFORMED', /position 14 /],
      ['a control character', '{"title":"a\u0000b"}', 'REQUEST_MALFORMED', /position 11 /],
      ['a form', 'title=x', 'REQUEST_MALFORMED', /position 0 /],
      ['broken UTF-8', bytes('{"title":"', 0xff, '"}'), 'REQUEST_MALFORMED', /byte 10 /],
      ['a byte order mark', bytes(0xef, 0xbb, 0xbf, '{"title":"x"}'), 'REQUEST_MALFORMED', /position 0 /],
      ['an escaped NUL', '{"title":"a\\u0000b"}', 'REQUEST_INVALID', /\/title holds the character U\+0000/],
      ['half a surrogate pair', '{"title":"x","labels":["\\ud83c"]}', 'REQUEST_INVALID', /\/labels\/0 holds half/],
      ['a key twice', '{"title":"x","title":"y"}', 'REQUEST_INVALID', /\/title is given twice/],
      ['the prototype', '{"title":"x","__proto__":{"status":"done"}}', 'REQUEST_INVALID', /\/__proto__ /],
      ['too many levels', deep, 'REQUEST_INVALID', /32 levels/],
      ['too many elements', many, 'REQUEST_INVALID', /10000 keys and elements/],
      ['a number beyond all', '{"title":"x","position":1e999}', 'REQUEST_INVALID', /\/position is a number beyond/],
    ])('that is %s is refused with the place', async ([, body, code, names]) => {
      const { ask, api } = await rest.somebodyNew()
      const refusal = refusalOf(await ask('POST', '/api/v1/tasks', { body }))
      expect(refusal).toMatchObject({ code, status: code === 'REQUEST_MALFORMED' ? 400 : 422 })
      expect(refusal.detail).toMatch(names)
      expect(await allTasks(api)).toEqual([])
    })

    test('that repeats a name of the path is refused, even with the same value', async () => {
      const { ask, api } = await rest.somebodyNew()
      const task = await createTask(api, 'x')
      for (const method of ['PUT', 'PATCH'])
        expect(refusalOf(await ask(method, `/api/v1/tasks/${task.id}`, { body: { id: task.id, title: 'y' } }))).toMatchObject({
          status: 422,
          places: ['/id'],
        })
      expect(await allTasks(api)).toEqual([task])
    })

    test('cannot be helped out by a query, and is refused where none is taken', async () => {
      const { ask, api } = await rest.somebodyNew()
      const task = await createTask(api, 'x')
      expect(refusalOf(await ask('POST', '/api/v1/tasks?title=y', { body: { title: 'y' } }))).toMatchObject({
        status: 422,
        places: ['/title'],
      })
      expect(refusalOf(await ask('GET', `/api/v1/tasks/${task.id}?id=${task.id}`))).toMatchObject({ status: 422, places: ['/id'] })
      expect(refusalOf(await ask('DELETE', `/api/v1/tasks/${task.id}`, { body: { title: 'y' } }))).toMatchObject({ status: 400 })
      expect(await allTasks(api)).toEqual([task])
    })

    test('of another type or encoding is refused by the header’s name', async () => {
      const { ask, api } = await rest.somebodyNew()
      for (const headers of [
        { 'Content-Type': 'text/plain' },
        { 'Content-Type': 'application/json; charset=latin1' },
        { 'Content-Encoding': 'gzip' },
      ]) {
        const refusal = refusalOf(
          await ask('POST', '/api/v1/tasks', { body: '{"title":"x"}', headers: { 'Content-Type': 'application/json', ...headers } }),
        )
        expect(refusal).toMatchObject({ status: 415, code: 'REQUEST_MEDIA_TYPE_UNSUPPORTED' })
        expect(refusal.detail).toMatch(new RegExp(Object.keys(headers)[0] ?? ''))
      }
      expect(refusalOf(await ask('POST', '/api/v1/tasks', { headers: { 'Content-Type': 'application/json' } }))).toMatchObject({
        status: 422,
        places: ['/title'],
      })
      expect(await allTasks(api)).toEqual([])
    })

    test('just below the limit is taken as far as the fields allow, just above it is refused', async () => {
      const { ask, api } = await rest.somebodyNew()
      const filler = (size: number) => `{"title":"x"${' '.repeat(size - '{"title":"x"}'.length)}}`
      expect(await ask('POST', '/api/v1/tasks', { body: filler(262_144) })).toMatchObject({ status: 201 })
      expect(refusalOf(await ask('POST', '/api/v1/tasks', { body: filler(262_145) }))).toMatchObject({
        status: 413,
        code: 'REQUEST_TOO_LARGE',
      })
      expect(await allTasks(api)).toHaveLength(1)
    })

    test('in chunks is counted and refused at the same limit, and the connection is not cut under the next request', async () => {
      const { api, tokens } = await rest.somebodyNew()
      const body = new Blob([`{"title":"${'x'.repeat(1024 * 1024)}"}`]).stream()
      const headers = { ...authorization(tokens.accessToken), 'Content-Type': 'application/json' }
      const response = await fetch(`${rest.origin()}/api/v1/tasks`, { method: 'POST', headers, body, duplex: 'half' })
      const text = await response.text()
      assertDocumented({ method: 'POST', path: '/api/v1/tasks', status: response.status, headers: response.headers, text })
      expect([response.status, (JSON.parse(text) as { code: string }).code]).toEqual([413, 'REQUEST_TOO_LARGE'])
      // What was not read of the body may take the server a while; the client has its answer, and goes on meanwhile.
      for (let elapsedMs = 0; elapsedMs < 700; elapsedMs += 25) {
        expect(await allTasks(api)).toEqual([])
        await sleep(25)
      }
    })
  })
}
