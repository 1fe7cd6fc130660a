import { describe, expect, test } from 'vitest'
import { expectOutput } from '../driver.ts'
import { allTasks, createTask, inParallel, type Task } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

const count = 120
const width = 12

/** Newest first; by id within a millisecond. */
const inListOrder = (tasks: readonly Task[]): readonly Task[] =>
  tasks.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || (a.id < b.id ? -1 : 1))

/** Lists: pages that hold while others write, and filters. */
export function registerPages(door: Door): void {
  describe('lists', () => {
    test('pages hold while tasks are added and deleted between them', async () => {
      const { api } = await somebodyNew(door)
      const made = await inParallel(
        Array.from({ length: count }, (_, index) => `task ${index}`),
        width,
        (title) => createTask(api, title),
      )
      const newestFirst = inListOrder(made)

      const first = await expectOutput(api.call('tasks.list', {}))
      expect(first.items).toEqual(newestFirst.slice(0, 50))
      expect(first.consistency).toMatchObject({ source: 'database', partial: false })
      // One that was seen, the very last of the page, and one that was not.
      const deleted = [newestFirst[3], newestFirst[49], newestFirst[70]].map((task) => task?.id ?? '')
      await Promise.all([
        createTask(api, 'later'),
        createTask(api, 'later still'),
        ...deleted.map((id) => expectOutput(api.call('tasks.delete', { id }))),
      ])

      const second = await expectOutput(api.call('tasks.list', { limit: 50, cursor: first.nextCursor ?? '' }))
      const third = await expectOutput(api.call('tasks.list', { limit: 50, cursor: second.nextCursor ?? '' }))
      expect(third.nextCursor).toBeNull()
      const rest = newestFirst.slice(50).filter(({ id }) => !deleted.includes(id))
      expect([...second.items, ...third.items].map(({ id }) => id)).toEqual(rest.map(({ id }) => id))
      expect(await allTasks(api, 7)).toHaveLength(count + 2 - 3)
    })

    test('a page that is full to its end has no next one', async () => {
      const { api } = await somebodyNew(door)
      const made = await inParallel(['a', 'b', 'c', 'd'], 1, (title) => createTask(api, title))
      const first = await expectOutput(api.call('tasks.list', { limit: 2 }))
      const second = await expectOutput(api.call('tasks.list', { limit: 2, cursor: first.nextCursor ?? '' }))
      expect([...first.items, ...second.items]).toEqual(inListOrder(made))
      expect(second.nextCursor).toBeNull()
    })

    test('tasks are filtered by one or several states', async () => {
      const { api } = await somebodyNew(door)
      for (const status of ['todo', 'in_progress', 'done', 'cancelled', 'todo'] as const) await createTask(api, { title: status, status })
      const titles = async (...status: ('todo' | 'in_progress' | 'done' | 'cancelled')[]) =>
        (await expectOutput(api.call('tasks.list', { status }))).items.map(({ title }) => title).toSorted()
      expect(await titles('todo')).toEqual(['todo', 'todo'])
      expect(await titles('in_progress', 'done')).toEqual(['done', 'in_progress'])
      const page = await expectOutput(api.call('tasks.list', { status: ['todo'], limit: 1 }))
      expect((await expectOutput(api.call('tasks.list', { status: ['todo'], cursor: page.nextCursor ?? '' }))).items).toHaveLength(1)
    })

    test('somebody without tasks has an empty list', async () => {
      const { api } = await somebodyNew(door)
      expect(await expectOutput(api.call('tasks.list', {}))).toMatchObject({ items: [], nextCursor: null })
    })
  })
}
