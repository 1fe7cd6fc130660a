import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { createTask } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

/** Versions, and what happens to edits that meet. */
export function registerVersions(door: Door): void {
  describe('versions', () => {
    test('an edit of the newest version is made, one of an older is refused and changes nothing', async () => {
      const { api } = await somebodyNew(door)
      const first = await createTask(api, 'first')
      const { id } = first
      const second = await expectOutput(api.call('tasks.patch', { id, title: 'second' }, { ifMatch: first.version }))
      expect(second.version).not.toBe(first.version)
      const stale = { ifMatch: first.version }
      const late = [
        api.call('tasks.patch', { id, title: 'late' }, stale),
        api.call('tasks.replace', { id, title: 'late' }, stale),
        api.call('tasks.delete', { id }, stale),
        api.call('tasks.restore', { id }, stale),
        api.call('tasks.patch', { id, title: 'late' }, { ifMatch: 'no-version-of-ours' }),
      ]
      for (const refusal of await Promise.all(late.map(expectRefusal)))
        expect(refusal).toMatchObject({ code: 'VERSION_STALE', status: 412 })
      expect(await expectOutput(api.call('tasks.get', { id }))).toEqual(second)
      await expectOutput(api.call('tasks.delete', { id }, { ifMatch: String(second.version) }))
    })

    test('of two edits of one version, one is made', async () => {
      const { api } = await somebodyNew(door)
      const { id, version } = await createTask(api, 'x')
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((title) => api.call('tasks.patch', { id, title }, { ifMatch: version })))
      const made = results.filter((result) => result.error === undefined)
      expect(made).toHaveLength(1)
      for (const { error } of results) expect(error?.code ?? 'VERSION_STALE').toBe('VERSION_STALE')
      expect(await expectOutput(api.call('tasks.get', { id }))).toEqual(made[0]?.output)
    })

    test('edits without a version that come at once are all made, each counted, none of another field lost', async () => {
      const { api } = await somebodyNew(door)
      const { id } = await createTask(api, 'x')
      const labels = Array.from({ length: 18 }, (_, index) => `label-${10 + index}`)
      const edits = [{ description: 'described' }, { priority: 'high' as const }, ...labels.map((label) => ({ addLabels: [label] }))]
      const answers = await Promise.all(edits.map((edit) => expectOutput(api.call('tasks.patch', { id, ...edit }))))
      const task = await expectOutput(api.call('tasks.get', { id }))
      expect(task).toMatchObject({ title: 'x', description: 'described', priority: 'high', labels })
      expect(task.version).toMatch(/^21\./)
      const revisions = answers.map(({ version }) => Number.parseInt(String(version), 10)).toSorted((a, b) => a - b)
      expect(revisions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2))
      expect(answers.map(({ version }) => version)).toContain(task.version)
    })
  })
}
