import { expect, test } from 'vitest'
import { healthOf, pendingAt } from '@holdfast/acceptance/drained'
import { authorization, restDriver } from '@holdfast/acceptance/driver.rest'
import { expectOutput, expectRefusal } from '@holdfast/acceptance/driver'
import { allTasks, inParallel, logIn, type Person } from '@holdfast/acceptance/people'
import { send, type RestAnswer } from '@holdfast/acceptance/rest-request'
import type { CutOffFleet } from './cut-off-fleet.ts'
import type { OutagePart } from './outage-part.ts'

const maxOperations = 20
const perPerson = maxOperations / 2

/** For the instance whose limits are tried. */
export const tinyBuffer = { BUFFER_MAX_OPERATIONS: String(maxOperations), BUFFER_USER_SHARE: '0.5' } as const

/** The third instance has room for few writes: at the limits new ones are refused, and what was accepted stays. */
export function bufferLimits(fleet: () => CutOffFleet): OutagePart {
  const origin = (): string => fleet().instances[2]?.origin ?? ''
  let people: readonly Person[] = []
  const create = (person: Person | undefined, title: string): Promise<RestAnswer> => {
    const headers = { ...authorization(person?.tokens.accessToken ?? null), 'Idempotency-Key': title }
    return send(origin(), { method: 'POST', path: '/api/v1/tasks', headers, body: { title } })
  }
  const fill = async (person: Person | undefined): Promise<void> => {
    const titles = Array.from({ length: perPerson }, (_, index) => `task-${index}`)
    const answers = await inParallel(titles, 5, (title) => create(person, title))
    expect(answers.map(({ status }) => status)).toEqual(titles.map(() => 202))
  }
  const expectFull = (answer: RestAnswer): void => {
    expect([answer.status, answer.json]).toMatchObject([503, { code: 'STORE_OVERLOADED' }])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  }

  return {
    async prepare() {
      people = await inParallel([1, 2, 3], 3, () => logIn(origin(), restDriver(origin())))
    },

    registerWhileAway() {
      test('one user fills no more than their share, and others go on', async () => {
        await fill(people[0])
        expectFull(await create(people[0], 'one-too-many'))
        expect((await send(origin(), { method: 'GET', path: '/readyz' })).status).toBe(200)
        const { status, checks } = await healthOf(origin())
        expect([status, checks['buffer:operations']?.[0]]).toMatchObject([
          'warn',
          { status: 'warn', observedValue: perPerson, limit: maxOperations },
        ])
        await fill(people[1])
      })

      test('a full buffer takes no more writes and says so, but a logout, and forgets nothing that it took', async () => {
        expectFull(await create(people[2], 'no-room'))
        expect((await send(origin(), { method: 'GET', path: '/readyz' })).status).toBe(503)
        expect(await create(people[0], 'task-3')).toMatchObject({ status: 202 })
        const last = people[2] as Person
        expect(await expectOutput(last.api.call('auth.logout', {}))).toEqual({ ended: true })
        expect(await expectRefusal(last.api.call('operations.list', {}))).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
        expect(await pendingAt(origin())).toBe(maxOperations + 1)
      })
    },

    registerAfterRestart() {
      test('a full buffer is still full, and counts what it holds', async () => {
        expect(await pendingAt(origin())).toBe(maxOperations + 1)
        expectFull(await create(people[0], 'one-too-many'))
        expectFull(await create(people[1], 'no-room'))
        expect(await create(people[1], 'task-3')).toMatchObject({ status: 202 })
      })
    },

    registerWhenBack() {
      test('what was accepted at the limits is applied once, and what was refused is not', async () => {
        for (const person of people.slice(0, 2)) {
          const titles = (await allTasks(person.api)).map(({ title }) => title).toSorted()
          expect(titles).toEqual(Array.from({ length: perPerson }, (_, index) => `task-${index}`))
        }
        const [user] = people
        expect(await create(user, 'one-too-many')).toMatchObject({ status: 201 })
      })
    },
  }
}
