import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { allTasks, createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

const everyField = {
  title: 'Plant the elder 🌳',
  description: 'Line one\nline two\t“quoted” \\ back',
  status: 'in_progress',
  priority: 'high',
  due: { instant: '2031-03-30T03:30:00+02:00', zone: 'Europe/Berlin' },
  position: 'a0V',
  labels: ['garden', 'Garden', 'ärger', 'garden'],
} as const
const stored = {
  ...everyField,
  due: { instant: '2031-03-30T01:30:00.000Z', zone: 'Europe/Berlin' },
  labels: ['Garden', 'garden', 'ärger'],
  completedAt: null,
  durability: 'committed',
}
const defaults = { description: '', status: 'todo', priority: 'none', due: null, position: '', labels: [], completedAt: null }

/** One task from its creation to its restoration. */
export function registerTaskLife(door: Door): void {
  describe('a task', () => {
    test('is created with every field, read and listed as it was answered', async () => {
      const { api } = await somebodyNew(door)
      const before = Date.now()
      const task = await createTask(api, { ...everyField, labels: [...everyField.labels] })
      expect(task).toMatchObject(stored)
      expect(task.createdAt).toBe(task.updatedAt)
      expect(Date.parse(task.createdAt)).toBeGreaterThanOrEqual(before - 1_000)
      expect(task.version).toBe(`1.${task.operationId}`)
      expect(await expectOutput(api.call('tasks.get', { id: task.id }))).toEqual(task)
      expect(await allTasks(api)).toEqual([task])
    })

    test('has defaults for all but its title', async () => {
      const { api } = await somebodyNew(door)
      expect(await createTask(api, 'x')).toMatchObject({ title: 'x', ...defaults })
    })

    test('keeps the longest values that its limits allow', async () => {
      const { api } = await somebodyNew(door)
      const labels = Array.from({ length: 50 }, (_, index) => `${'l'.repeat(47)}${100 + index}`)
      const longest = { title: 't'.repeat(500), description: 'ü'.repeat(20_000), position: '~'.repeat(100), labels }
      const task = await createTask(api, longest)
      expect(await expectOutput(api.call('tasks.get', { id: task.id }))).toMatchObject(longest)
    })

    test('may have an id that its client made, in either case, and only one task has it', async () => {
      const { api } = await somebodyNew(door)
      const id = randomUUID()
      expect((await createTask(api, { id: id.toUpperCase(), title: 'first' })).id).toBe(id)
      const refusal = await expectRefusal(api.call('tasks.create', { id, title: 'second' }))
      expect(refusal).toMatchObject({ code: 'TASK_ID_TAKEN', status: 409 })
      const other = await somebodyNew(door)
      expect(await expectRefusal(other.api.call('tasks.create', { id, title: 'x' }))).toMatchObject({ code: 'TASK_ID_TAKEN' })
      await expectOutput(api.call('tasks.delete', { id }))
      expect(await expectRefusal(api.call('tasks.create', { id, title: 'third' }))).toMatchObject({ code: 'TASK_ID_TAKEN' })
      expect(await allTasks(api)).toEqual([])
      expect(await expectOutput(api.call('tasks.restore', { id }))).toMatchObject({ title: 'first' })
    })

    test('is replaced whole: what is left out goes back to its default', async () => {
      const { api } = await somebodyNew(door)
      const { id, createdAt } = await createTask(api, { ...everyField, labels: [...everyField.labels] })
      const replaced = await expectOutput(api.call('tasks.replace', { id, title: 'only a title', status: 'done' }))
      expect(replaced).toMatchObject({ ...defaults, title: 'only a title', status: 'done', createdAt, completedAt: expect.any(String) })
      expect(replaced.version).toBe(`2.${replaced.operationId}`)
      expect(await expectOutput(api.call('tasks.get', { id }))).toEqual(replaced)
    })

    test('is not made by replacing or changing one that is not there', async () => {
      const { api } = await somebodyNew(door)
      const id = randomUUID()
      const calls = [
        api.call('tasks.replace', { id, title: 'x' }),
        api.call('tasks.patch', { id, title: 'x' }),
        api.call('tasks.delete', { id }),
        api.call('tasks.restore', { id }),
        api.call('tasks.get', { id }),
      ]
      for (const refusal of await Promise.all(calls.map(expectRefusal)))
        expect(refusal).toMatchObject({ code: 'TASK_NOT_FOUND', status: 404 })
      expect(await allTasks(api)).toEqual([])
    })

    test('is patched: what is left out stays, null goes back to the default', async () => {
      const { api } = await somebodyNew(door)
      const { id } = await createTask(api, { ...everyField, labels: [...everyField.labels] })
      const patched = await expectOutput(api.call('tasks.patch', { id, title: 'new' }))
      expect(patched).toMatchObject({ ...stored, title: 'new' })
      const cleared = await expectOutput(
        api.call('tasks.patch', { id, description: null, priority: null, due: null, position: null, labels: null }),
      )
      expect(cleared).toMatchObject({ ...defaults, title: 'new', status: 'in_progress' })
      const due = { date: '2030-01-31' }
      expect(await expectOutput(api.call('tasks.patch', { id, due }))).toMatchObject({ due, title: 'new' })
      expect(await expectOutput(api.call('tasks.get', { id }))).toMatchObject({ due, version: expect.stringMatching(/^4\./) })
    })

    test('gets and loses single labels, those of others untouched', async () => {
      const { api } = await somebodyNew(door)
      const { id } = await createTask(api, { title: 'x', labels: ['b', 'c'] })
      const patched = await expectOutput(api.call('tasks.patch', { id, addLabels: ['a', 'b'], removeLabels: ['c', 'never there'] }))
      expect(patched).toMatchObject({ labels: ['a', 'b'] })
      const many = Array.from({ length: 49 }, (_, index) => `label ${index}`)
      expect(await expectRefusal(api.call('tasks.patch', { id, addLabels: many }))).toMatchObject({ code: 'TASK_LABELS_FULL', status: 422 })
      expect(await expectOutput(api.call('tasks.get', { id }))).toMatchObject({ labels: ['a', 'b'] })
      expect(await expectRefusal(api.call('tasks.patch', { id, labels: ['z'], addLabels: ['y'] }))).toMatchObject({
        places: ['/addLabels'],
      })
      expect(await expectRefusal(api.call('tasks.patch', { id, addLabels: ['y'], removeLabels: ['y'] }))).toMatchObject({
        places: ['/removeLabels/0'],
      })
      expect(await expectRefusal(api.call('tasks.patch', { id }))).toMatchObject({ code: 'REQUEST_INVALID', places: [''] })
    })

    test('is completed when it is done, and not when it is reopened', async () => {
      const { api } = await somebodyNew(door)
      const { id } = await createTask(api, 'x')
      const done = await expectOutput(api.call('tasks.patch', { id, status: 'done' }))
      expect(done.completedAt).toBe(done.updatedAt)
      const renamed = await expectOutput(api.call('tasks.patch', { id, title: 'y' }))
      expect(renamed.completedAt).toBe(done.completedAt)
      expect((await expectOutput(api.call('tasks.patch', { id, status: 'cancelled' }))).completedAt).toBeNull()
    })

    test('is deleted, refuses every edit, and comes back whole', async () => {
      const { api } = await somebodyNew(door)
      const task = await createTask(api, { ...everyField, labels: [...everyField.labels] })
      const { id } = task
      expect(await expectOutput(api.call('tasks.delete', { id }))).toMatchObject({ id, durability: 'committed' })
      const calls = [
        api.call('tasks.get', { id }),
        api.call('tasks.replace', { id, title: 'x' }),
        api.call('tasks.patch', { id, title: 'x' }),
        api.call('tasks.delete', { id }),
      ]
      for (const refusal of await Promise.all(calls.map(expectRefusal))) expect(refusal).toMatchObject({ code: 'TASK_NOT_FOUND' })
      expect(await allTasks(api)).toEqual([])
      const restored = await expectOutput(api.call('tasks.restore', { id }))
      expect(restored).toMatchObject({ ...stored, createdAt: task.createdAt })
      expect(restored.version).toBe(`3.${restored.operationId}`)
      expect(await allTasks(api)).toEqual([restored])
      const again = await expectOutput(api.call('tasks.restore', { id }))
      expect(again).toMatchObject(stored)
    })
  })
}
