import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { allTasks, createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

/** Idempotency keys: what is sent twice is done once. */
export function registerRetries(door: Door): void {
  describe('idempotency keys', () => {
    test('the same request under the same key is answered the same and done once', async () => {
      const { api } = await somebodyNew(door)
      const create = () => expectOutput(api.call('tasks.create', { title: 'once', labels: ['b', 'a'] }, { idempotencyKey: 'create' }))
      const first = await create()
      const { id } = first
      const patch = () => expectOutput(api.call('tasks.patch', { id, title: 'renamed' }, { idempotencyKey: 'patch' }))
      const patched = await patch()
      expect(await create()).toEqual(first)
      await expectOutput(api.call('tasks.patch', { id, title: 'renamed again' }))
      expect(await patch()).toEqual(patched)
      expect(await expectOutput(api.call('tasks.get', { id }))).toMatchObject({
        title: 'renamed again',
        version: expect.stringMatching(/^3\./),
      })
      expect(await allTasks(api)).toHaveLength(1)
    })

    test('deleting, restoring and replacing repeat as well', async () => {
      const { api } = await somebodyNew(door)
      const { id } = await createTask(api, 'x')
      for (const [name, input] of [
        ['tasks.delete', { id }],
        ['tasks.restore', { id }],
        ['tasks.replace', { id, title: 'y' }],
      ] as const) {
        const first = await expectOutput(api.misuse(name, input, { idempotencyKey: name }))
        expect(await expectOutput(api.misuse(name, input, { idempotencyKey: name }))).toEqual(first)
      }
      expect(await expectOutput(api.call('tasks.get', { id }))).toMatchObject({ title: 'y', version: expect.stringMatching(/^4\./) })
    })

    test('a key is good for one request only, and one key for each operation', async () => {
      const { api } = await somebodyNew(door)
      const options = { idempotencyKey: 'a-key-with-"quotes"' }
      const { id, version } = await expectOutput(api.call('tasks.create', { title: 'first' }, options))
      for (const call of [
        () => api.call('tasks.create', { title: 'other' }, options),
        () => api.call('tasks.create', { id: randomUUID(), title: 'first' }, options),
        () => api.call('tasks.create', { title: 'first' }, { ...options, ifMatch: String(version) }),
      ])
        expect(await expectRefusal(call())).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', status: 422 })
      expect(await expectOutput(api.call('tasks.patch', { id, title: 'patched' }, options))).toMatchObject({ title: 'patched' })
      expect(await allTasks(api)).toHaveLength(1)
    })

    test('the same request many times at once has one effect', async () => {
      const { api } = await somebodyNew(door)
      const send = () => api.call('tasks.create', { title: 'at once' }, { idempotencyKey: 'at-once' })
      const results = await Promise.all(Array.from({ length: 12 }, send))
      const tasks = await allTasks(api)
      expect(tasks).toHaveLength(1)
      for (const { output, error } of results) {
        if (error === undefined) expect(output).toEqual(tasks[0])
        else expect(error).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_FLIGHT', status: 409 })
      }
      expect(results.some(({ error }) => error === undefined)).toBe(true)
      expect(await expectOutput(send())).toEqual(tasks[0])
    })

    test('a refused request leaves its key free', async () => {
      const { api } = await somebodyNew(door)
      const first = await createTask(api, 'x')
      const { id } = first
      await expectOutput(api.call('tasks.patch', { id, title: 'y' }))
      const options = { idempotencyKey: 'try' }
      expect(await expectRefusal(api.call('tasks.patch', { id, title: 'z' }, { ...options, ifMatch: first.version }))).toMatchObject({
        code: 'VERSION_STALE',
      })
      expect(await expectOutput(api.call('tasks.patch', { id, title: 'z' }, options))).toMatchObject({ title: 'z' })
    })

    test('a malformed key is refused by name', async () => {
      const { api } = await somebodyNew(door)
      for (const idempotencyKey of ['x'.repeat(201), 'with space', 'tab\there']) {
        const refusal = await expectRefusal(api.call('tasks.create', { title: 'x' }, { idempotencyKey }))
        expect(refusal).toMatchObject({ code: 'IDEMPOTENCY_KEY_MALFORMED', status: 400, places: ['/options/idempotencyKey'] })
      }
      expect(await allTasks(api)).toEqual([])
    })
  })
}
