import { expect, test } from 'vitest'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { trpcDriver } from '@holdfast/acceptance/driver.trpc'
import { expectOutput, expectRefusal } from '@holdfast/acceptance/driver'
import { allTasks, createTask, logIn, type Person, type Task } from '@holdfast/acceptance/people'
import { send, type RestAnswer } from '@holdfast/acceptance/rest-request'
import type { CutOffFleet } from './cut-off-fleet.ts'
import { watchOperations, type OperationWatch } from './operation-watch.ts'
import type { OutagePart } from './outage-part.ts'

interface Accepted {
  readonly id: string
  readonly operationId: string
}

/** Writes of tasks in an outage: how they are acknowledged, what preferences and keys do, and what they come to. */
export function acceptedWrites(fleet: () => CutOffFleet): OutagePart {
  const originOf = (instance: 0 | 1): string => fleet().instances[instance]?.origin ?? ''
  let person: Person
  let old: Task
  let watch: OperationWatch
  /** By key. */
  const accepted = new Map<string, Accepted & { readonly text: string }>()
  let held: Promise<RestAnswer>

  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}, instance: 0 | 1 = 0) => {
    const Authorization = `Bearer ${person.tokens.accessToken}`
    return send(originOf(instance), { method, path, headers: { Authorization, ...headers }, ...(body && { body }) })
  }
  const create = (key: string, title = key, instance: 0 | 1 = 0, prefer?: string) =>
    ask('POST', '/api/v1/tasks', { title }, { 'Idempotency-Key': key, ...(prefer !== undefined && { Prefer: prefer }) }, instance)
  const createBuffered = async (key: string, prefer?: string): Promise<RestAnswer> => {
    const answer = await create(key, key, 0, prefer)
    expect([answer.status, answer.text]).toEqual([202, expect.stringContaining('"durability":"buffered"')])
    const { id, operationId } = answer.json as Accepted
    accepted.set(key, { id, operationId, text: answer.text })
    watch.add(operationId)
    return answer
  }
  const api = (instance: 0 | 1 = 0) => restDriver(originOf(instance), person.tokens.accessToken)
  const facts = ({ headers }: RestAnswer, ...names: string[]) => names.map((name) => headers.get(name))

  return {
    async prepare() {
      person = await logIn(originOf(0), restDriver(originOf(0)))
      old = await createTask(person.api, 'old')
      const { accessToken } = person.tokens
      watch = watchOperations(() => ({
        'rest here': { api: restDriver(originOf(0), accessToken), tookIt: true },
        'trpc here': { api: trpcDriver(originOf(0), accessToken), tookIt: true },
        'rest there': { api: restDriver(originOf(1), accessToken), tookIt: false },
      }))
    },

    registerWhileAway() {
      test('are answered 202, with where to ask for them and all that is known of the task', async () => {
        const answer = await createBuffered('first')
        const { id, operationId } = accepted.get('first') as Accepted
        expect(answer.json).toMatchObject({ id, operationId, title: 'first', status: 'todo', labels: [], version: `1.${operationId}` })
        expect(facts(answer, 'location', 'durability', 'service-status')).toEqual([
          `/api/v1/operations/${operationId}`,
          'buffered',
          'degraded',
        ])
        const operation = await ask('GET', answer.headers.get('location') ?? '')
        expect([operation.status, operation.json]).toMatchObject([
          200,
          { id: operationId, name: 'tasks.create', entity: { kind: 'task', id }, state: 'pending', appliedAt: null, result: null },
        ])
        const read = await ask('GET', `/api/v1/tasks/${id}`)
        expect([read.status, read.json]).toMatchObject([200, { id, title: 'first', durability: 'buffered' }])
        expect(read.headers.get('etag')).toBe(`"1.${operationId}-b"`)
      })

      test('are the same write at another instance, which knows nothing of the first', async () => {
        const { id, operationId } = accepted.get('first') as Accepted
        const elsewhere = await create('first', 'first', 1)
        expect([elsewhere.status, elsewhere.headers.get('idempotency-replayed')]).toEqual([202, null])
        expect(elsewhere.json).toMatchObject({ id, operationId, durability: 'buffered' })
      })

      test('go behind what waits for their task, and say what they know', async () => {
        const { id } = accepted.get('first') as Accepted
        const changed = await ask('PATCH', `/api/v1/tasks/${id}`, { title: 'changed' }, { 'Idempotency-Key': 'change' })
        expect([changed.status, changed.json]).toMatchObject([202, { id, title: 'changed', durability: 'buffered' }])
        const blind = await ask('PATCH', `/api/v1/tasks/${old.id}`, { title: 'seen by nobody yet' })
        expect([blind.status, Object.keys(blind.json as object)]).toEqual([202, ['id', 'operationId', 'durability']])
        for (const { json } of [changed, blind]) watch.add((json as Accepted).operationId)
      })

      test('go in and out through both doors alike', async () => {
        const through = trpcDriver(originOf(0), person.tokens.accessToken)
        const replay = await expectOutput(through.call('tasks.create', { title: 'first' }, { idempotencyKey: 'first' }))
        const { id, operationId } = accepted.get('first') as Accepted
        expect(replay).toMatchObject({ id, operationId, durability: 'buffered' })
        const deleted = await expectOutput(through.call('tasks.delete', { id: old.id }))
        expect(Object.keys(deleted)).toEqual(['id', 'operationId', 'durability'])
        expect((await ask('POST', `/api/v1/tasks/${old.id}/restore`)).status).toBe(202)
      })

      test('are refused to who would have them committed or not at all, and then nothing is kept', async () => {
        const answer = await create('never', 'never', 0, 'durability=committed')
        expect([answer.status, answer.json]).toMatchObject([503, { code: 'STORE_UNAVAILABLE' }])
        expect(facts(answer, 'retry-after')).toEqual(['1'])
        expect(await expectRefusal(api().call('tasks.create', { title: 'never' }, { durability: 'committed' }))).toMatchObject({
          status: 503,
        })
      })

      test('wait for their drain as long as the caller likes', async () => {
        const startedAt = performance.now()
        const answer = await createBuffered('patient', 'wait=1')
        expect(performance.now() - startedAt).toBeGreaterThan(950)
        expect(facts(answer, 'preference-applied')).toEqual(['wait=1'])
      })

      test('are the same write again under their key, and no other', async () => {
        const again = await create('first')
        const { id, operationId } = accepted.get('first') as Accepted
        expect([again.status, again.json]).toMatchObject([202, { id, operationId }])
        expect(facts(again, 'idempotency-replayed', 'location')).toEqual(['true', `/api/v1/operations/${operationId}`])
        expect(await create('first', 'something else')).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } })
      })

      test('are listed as pending, the latest first', async () => {
        const page = await expectOutput(api().call('operations.list', { state: ['pending'] }))
        expect(page.items.map(({ name }) => name)).toEqual([
          'tasks.create',
          'tasks.restore',
          'tasks.delete',
          'tasks.patch',
          'tasks.patch',
          'tasks.create',
        ])
        expect([page.items[0]?.id, page.items.at(-1)?.id]).toEqual(['patient', 'first'].map((key) => accepted.get(key)?.operationId))
        expect(page.items.every(({ state, appliedAt }) => state === 'pending' && appliedAt === null)).toBe(true)
        const all = await expectOutput(api().call('operations.list', {}))
        expect([all.items.length, all.consistency.partial, all.nextCursor !== null]).toEqual([6, true, true])
      })
    },

    registerAfterRestart() {
      test('are as they were: pending, known under their keys, and read', async () => {
        for (const [key, { id, operationId }] of accepted) {
          const again = await create(key)
          expect([again.status, again.headers.get('idempotency-replayed'), again.json]).toMatchObject([202, 'true', { id, operationId }])
          expect(await expectOutput(api().call('operations.get', { id: operationId }))).toMatchObject({ state: 'pending' })
        }
        expect(await create('first', 'something else')).toMatchObject({ status: 422 })
        const read = await expectOutput(api().call('tasks.get', { id: accepted.get('first')?.id ?? '' }))
        expect(read).toMatchObject({ title: 'changed', durability: 'buffered' })
        held = create('held', 'held', 0, 'wait=30')
      })
    },

    registerWhenBack() {
      test('that waited are answered as committed', async () => {
        const answer = await held
        expect([answer.status, answer.json]).toMatchObject([201, { title: 'held', durability: 'committed' }])
        expect(facts(answer, 'durability', 'preference-applied')).toEqual(['committed', 'wait=30'])
      })

      test('are answered under their keys with what they came to, at every instance', async () => {
        for (const [key, { id, operationId }] of accepted)
          for (const instance of [0, 1] as const) {
            const again = await create(key, key, instance)
            expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
            expect(again.json).toMatchObject({ id, durability: 'committed' })
            const operation = await expectOutput(api(instance).call('operations.get', { id: operationId }))
            expect(operation).toMatchObject({ state: 'applied', reason: null, result: { version: `1.${operationId}` } })
            expect(await create(key, 'something else', instance)).toMatchObject({ status: 422 })
          }
      })

      test('are applied once, in their order, and nothing else is', async () => {
        const titles = (await allTasks(api())).map(({ title, version }) => `${title} ${version.split('.')[0]}`)
        expect(titles).toEqual(['held 1', 'patient 1', 'changed 2', 'seen by nobody yet 4'])
        expect(await expectOutput(api().call('operations.list', { state: ['pending'] }))).toMatchObject({ items: [] })
        const { items } = await expectOutput(api(1).call('operations.list', { state: ['applied'], limit: 100 }))
        expect(items.filter(({ name }) => name.startsWith('tasks.'))).toHaveLength(8)
      })

      test('never went backwards, whoever asked at whichever door', async () => {
        const said = await watch.stop()
        expect(said.size).toBe(4)
        for (const [here, alsoHere, there] of said.values())
          expect([here, alsoHere, there]).toEqual([
            'pending > applied',
            'pending > applied',
            expect.stringMatching(/^(?:pending > )?applied$/),
          ])
      })
    },
  }
}
