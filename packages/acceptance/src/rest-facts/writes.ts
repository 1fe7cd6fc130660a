import { describe, expect, test } from 'vitest'
import { createTask, type Task } from '../people.ts'
import type { RestDoor } from './rest-door.ts'

/** What writes answer in statuses and headers. */
export function registerRestWrites(rest: RestDoor): void {
  describe('a write', () => {
    test('answers 201 with where the task is, its tag and its durability', async () => {
      const { ask } = await rest.somebodyNew()
      const created = await ask('POST', '/api/v1/tasks', { body: { title: 'x' } })
      const task = created.json as Task
      expect(created.status).toBe(201)
      expect(Object.fromEntries(created.headers)).toMatchObject({
        location: `/api/v1/tasks/${task.id}`,
        etag: `"${task.version}-c"`,
        durability: 'committed',
        'content-type': 'application/json',
        'cache-control': 'no-store',
      })
      expect(created.headers.has('idempotency-replayed')).toBe(false)
      expect(await ask('GET', created.headers.get('location') ?? '')).toMatchObject({ status: 200, text: created.text })
    })

    test('answers 200 to PUT, PATCH and restore, and 204 without a body to DELETE and logout', async () => {
      const { ask, api } = await rest.somebodyNew()
      const { id } = await createTask(api, 'x')
      const path = `/api/v1/tasks/${id}`
      const answers = {
        put: await ask('PUT', path, { body: { title: 'y' } }),
        patch: await ask('PATCH', path, { body: { title: 'z' }, headers: { 'Content-Type': 'application/merge-patch+json' } }),
        delete: await ask('DELETE', path),
        restore: await ask('POST', `${path}/restore`),
      }
      expect(Object.values(answers).map(({ status }) => status)).toEqual([200, 200, 204, 200])
      expect(Object.values(answers).map(({ headers }) => headers.get('durability'))).toEqual(Array.from({ length: 4 }, () => 'committed'))
      expect(answers.put.headers.get('etag')).toMatch(/^"2\.[^"]+-c"$/)
      expect(answers.delete).toMatchObject({ text: '' })
      expect(answers.delete.headers.has('content-type')).toBe(false)
      expect(await ask('POST', '/api/v1/auth/logout')).toMatchObject({ status: 204, text: '' })
    })

    test('is replayed byte for byte, and says that it is', async () => {
      const { ask } = await rest.somebodyNew()
      const headers = { 'Idempotency-Key': '"once"' }
      const first = await ask('POST', '/api/v1/tasks', { body: { title: 'x', labels: ['b', 'a'] }, headers })
      const path = first.headers.get('location') ?? ''
      await ask('PATCH', path, { body: { title: 'changed since' } })
      const second = await ask('POST', '/api/v1/tasks', {
        body: { labels: ['b', 'a'], title: 'x' },
        headers: { 'Idempotency-Key': 'once' },
      })
      expect(second).toMatchObject({ status: 201, text: first.text })
      expect(second.headers.get('idempotency-replayed')).toBe('true')
      for (const name of ['location', 'etag', 'durability']) expect(second.headers.get(name)).toBe(first.headers.get(name))
      const remove = () => ask('DELETE', path, { headers: { 'Idempotency-Key': 'away' } })
      expect([(await remove()).headers.get('idempotency-replayed'), (await remove()).headers.get('idempotency-replayed')]).toEqual([
        null,
        'true',
      ])
    })

    test('whose key is in flight is told when to try again', async () => {
      const { ask } = await rest.somebodyNew()
      const headers = { 'Idempotency-Key': 'busy' }
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask('POST', '/api/v1/tasks', { body: { title: 'x' }, headers })))
      const [created] = answers.filter(({ status }) => status === 201)
      for (const answer of answers) {
        if (answer.status === 201) expect(answer.text).toBe(created?.text)
        else expect([answer.status, answer.headers.get('retry-after')]).toEqual([409, '1'])
      }
    })

    test('that must not be buffered is committed', async () => {
      const { ask } = await rest.somebodyNew()
      const answer = await ask('POST', '/api/v1/tasks', {
        body: { title: 'x' },
        headers: { Prefer: 'respond-async, durability=committed, wait=5' },
      })
      expect([answer.status, answer.headers.get('durability')]).toEqual([201, 'committed'])
    })
  })
}
