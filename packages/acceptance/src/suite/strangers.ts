import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { allTasks, createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

/** Nobody sees or touches what is somebody else’s, and cannot even tell that it is there. */
export function registerStrangers(door: Door): void {
  describe('other people', () => {
    test('see no task of mine and change none', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      const task = await createTask(mine.api, { title: 'mine', labels: ['a'] })
      const { id } = task
      const refusals = await Promise.all([
        expectRefusal(theirs.api.call('tasks.get', { id })),
        expectRefusal(theirs.api.call('tasks.replace', { id, title: 'theirs' })),
        expectRefusal(theirs.api.call('tasks.patch', { id, title: 'theirs' })),
        expectRefusal(theirs.api.call('tasks.patch', { id, title: 'theirs' }, { ifMatch: task.version })),
        expectRefusal(theirs.api.call('tasks.delete', { id })),
        expectRefusal(theirs.api.call('tasks.restore', { id })),
      ])
      expect(refusals.map(({ code, status }) => `${status} ${code}`)).toEqual(Array.from({ length: 6 }, () => '404 TASK_NOT_FOUND'))
      expect(await allTasks(theirs.api)).toEqual([])
      expect(await allTasks(mine.api)).toEqual([task])
    })

    test('do not find my deleted task either, nor bring it back', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      const { id } = await createTask(mine.api, 'mine')
      await expectOutput(mine.api.call('tasks.delete', { id }))
      expect(await expectRefusal(theirs.api.call('tasks.restore', { id }))).toMatchObject({ code: 'TASK_NOT_FOUND' })
      expect(await allTasks(mine.api)).toEqual([])
    })

    test('do not find my operations', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      const { operationId } = await createTask(mine.api, 'mine')
      expect((await expectOutput(mine.api.call('operations.get', { id: operationId }))).state).toBe('applied')
      expect(await expectRefusal(theirs.api.call('operations.get', { id: operationId }))).toMatchObject({
        code: 'OPERATION_NOT_FOUND',
        status: 404,
      })
    })

    test('may use the idempotency keys that I used', async () => {
      const [mine, theirs] = await Promise.all([somebodyNew(door), somebodyNew(door)])
      const create = (api: typeof mine.api) => expectOutput(api.call('tasks.create', { title: 'x' }, { idempotencyKey: 'monday' }))
      const [one, other] = [await create(mine.api), await create(theirs.api)]
      expect(one.id).not.toBe(other.id)
      expect(await allTasks(mine.api)).toHaveLength(1)
      expect(await allTasks(theirs.api)).toHaveLength(1)
    })
  })
}
