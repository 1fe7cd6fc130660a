import { expect, test } from 'vitest'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { expectOutput, expectRefusal, type Driver } from '@holdfast/acceptance/driver'
import { createTask, logIn, type Person, type Task } from '@holdfast/acceptance/people'
import type { CutOffFleet } from './cut-off-fleet.ts'
import type { OutagePart } from './outage-part.ts'

/** Writes that nobody can judge in the outage: they are accepted, and judged when Postgres is back. */
export function lateOutcomes(fleet: () => CutOffFleet): OutagePart {
  let [person, other] = [] as unknown as [Person, Person]
  let [stale, current, taken] = [] as unknown as [Task, Task, Task]
  const operations = new Map<string, string>()
  const api = (instance: 0 | 1 = 0): Driver => restDriver(fleet().instances[instance]?.origin ?? '', person.tokens.accessToken)

  /** The same calls before and after: in the outage each is accepted, and a replay thereafter answers what it earned. */
  const calls = (instance: 0 | 1 = 0) => ({
    stale: () => api(instance).call('tasks.patch', { id: current.id, title: 'stale' }, { idempotencyKey: 'stale', ifMatch: stale.version }),
    taken: () => api(instance).call('tasks.create', { id: taken.id, title: 'taken' }, { idempotencyKey: 'taken' }),
    fresh: () =>
      api(instance).call('tasks.patch', { id: current.id, title: 'fresh' }, { idempotencyKey: 'fresh', ifMatch: current.version }),
    behind: () => api(instance).call('tasks.patch', { id: current.id, priority: 'high' }, { idempotencyKey: 'behind' }),
  })

  return {
    async prepare() {
      const { origin = '' } = fleet().instances[0] ?? {}
      ;[person, other] = [await logIn(origin, restDriver(origin)), await logIn(origin, restDriver(origin))]
      stale = await createTask(person.api, 'version 1')
      current = (await expectOutput(person.api.call('tasks.patch', { id: stale.id, title: 'version 2' }))) as Task
      taken = await createTask(other.api, 'of somebody else')
    },

    registerWhileAway() {
      test('a stale version, an id that is taken: nobody can know, so they are accepted', async () => {
        for (const [name, call] of Object.entries(calls())) {
          const { operationId, durability } = await expectOutput(call())
          expect([name, durability]).toEqual([name, 'buffered'])
          operations.set(name, operationId)
        }
      })
    },

    registerAfterRestart() {
      test('what nobody can judge yet is pending', async () => {
        for (const id of operations.values())
          expect(await expectOutput(api().call('operations.get', { id }))).toMatchObject({ state: 'pending' })
      })
    },

    registerWhenBack() {
      test('what was made on an old version is conflicted, an id that was taken is rejected, the others are applied', async () => {
        const outcomes = {
          stale: ['conflicted', 'VERSION_STALE'],
          taken: ['rejected', 'TASK_ID_TAKEN'],
          fresh: ['applied', null],
          behind: ['applied', null],
        }
        for (const instance of [0, 1] as const)
          for (const [name, id] of operations) {
            const { state, reason } = await expectOutput(api(instance).call('operations.get', { id }))
            expect([name, [state, reason]]).toEqual([name, outcomes[name as keyof typeof outcomes]])
          }
        expect(await expectOutput(api().call('tasks.get', { id: current.id }))).toMatchObject({
          title: 'fresh',
          priority: 'high',
          version: expect.stringMatching(/^4\./),
        })
        expect(await expectOutput(other.api.call('tasks.get', { id: taken.id }))).toEqual(taken)
        const { items } = await expectOutput(api().call('operations.list', { state: ['conflicted', 'rejected'] }))
        expect(new Set(items.map(({ id }) => id))).toEqual(new Set([operations.get('stale'), operations.get('taken')]))
      })

      test('a replay of what came to nothing says so, at every instance', async () => {
        for (const instance of [0, 1] as const) {
          expect(await expectRefusal(calls(instance).stale())).toMatchObject({ status: 412, code: 'VERSION_STALE' })
          expect(await expectRefusal(calls(instance).taken())).toMatchObject({ status: 409, code: 'TASK_ID_TAKEN' })
          expect(await expectOutput(calls(instance).behind())).toMatchObject({ id: current.id, durability: 'committed' })
        }
      })
    },
  }
}
