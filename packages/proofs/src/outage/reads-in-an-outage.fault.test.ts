import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { startPostgres } from '@holdfast/testkit/postgres'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { healthOf, untilDrained } from '@holdfast/acceptance/drained'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { expectOutput, expectRefusal, type Driver } from '@holdfast/acceptance/driver'
import { allTasks, createTask, logIn } from '@holdfast/acceptance/people'
import { send } from '@holdfast/acceptance/rest-request'
import { startService, type RunningService } from '@holdfast/acceptance/service'

const longestNoticeMs = 10_000

describeWhen(postgresAvailability(), 'a Postgres that dies and comes back', () => {
  let postgres: ThrowAwayServer
  let service: RunningService
  beforeAll(async () => {
    postgres = await startPostgres()
    service = await startService({ storage: { url: postgres.url } })
  })
  afterAll(async () => {
    await service?.dispose()
    await postgres?.stop()
  })

  const probe = async (path: string): Promise<number> => (await send(service.origin, { method: 'GET', path })).status
  const untilStatusIs = (status: 'ok' | 'degraded') =>
    waitUntil(
      async () => {
        const { json } = await send(service.origin, { method: 'GET', path: '/status' })
        return (json as { readonly status: string }).status === status || undefined
      },
      { timeoutMs: longestNoticeMs, everyMs: 50, problem: () => `/status did not become ${status} in ${longestNoticeMs} ms` },
    )

  test(
    'is told as it is: writes are kept for it, what cannot be known is not invented, the process stays ready',
    { timeout: 30_000 },
    async () => {
      const { api, tokens } = await logIn(service.origin, restDriver(service.origin))
      const task = await createTask(api, 'before')
      await postgres.kill('SIGQUIT')
      for (let attempt = 0; attempt < 5; attempt++) {
        expect(await expectOutput(api.call('tasks.create', { title: 'during' }))).toMatchObject({ durability: 'buffered' })
        expect(await expectRefusal(api.call('tasks.list', {}))).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
        expect(await expectRefusal(api.call('tasks.get', { id: task.id }))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      }
      await untilStatusIs('degraded')
      const headers = { Authorization: `Bearer ${tokens.accessToken}` }
      const answer = await send(service.origin, { method: 'GET', path: '/api/v1/tasks', headers })
      expect([answer.headers.get('retry-after'), answer.headers.get('service-status')]).toEqual(['1', 'degraded'])
      expect([await probe('/livez'), await probe('/startupz'), await probe('/readyz')]).toEqual([200, 200, 200])
      const { status, checks } = await healthOf(service.origin)
      expect(status).toBe('warn')
      expect(checks['database:reachable']).toMatchObject([{ status: 'warn', observedValue: false }])
      expect(checks['buffer:operations']).toMatchObject([{ status: 'pass', observedValue: 5, limit: 200_000 }])
      await postgres.restart()
      await untilDrained(service.origin)
      await untilStatusIs('ok')
      expect(await expectOutput(api.call('tasks.get', { id: task.id }))).toEqual(task)
      expect((await allTasks(api)).map(({ title }) => title).toSorted()).toEqual(['before', ...Array.from({ length: 5 }, () => 'during')])
      await createTask(api, 'after')
      expect((await healthOf(service.origin)).status).toBe('pass')
    },
  )

  test('costs nothing that was acknowledged, and what is sent again under its key is done once', { timeout: 40_000 }, async () => {
    const { api } = await logIn(service.origin, restDriver(service.origin))
    const run = randomBytes(4).toString('hex')
    const give = new AbortController()
    const persistent = async (writer: number): Promise<number> => {
      let done = 0
      for (; !give.signal.aborted; done++) await acknowledgedTwice(api, `${run}-${writer}-${done}`)
      return done
    }
    const writers = Promise.all(Array.from({ length: 8 }, (_, writer) => persistent(writer)))
    await sleep(300)
    await postgres.kill('SIGQUIT')
    await sleep(300)
    await postgres.restart()
    await untilStatusIs('ok')
    await sleep(200)
    give.abort()
    const done = await writers
    await untilDrained(service.origin)
    const titles = (await allTasks(api)).map(({ title }) => title).toSorted()
    const expected = done.flatMap((count, writer) => Array.from({ length: count }, (_, index) => `${run}-${writer}-${index}`)).toSorted()
    expect(titles).toEqual(expected)
    console.log(`${titles.length} tasks over an outage of Postgres`)
  })

  test('may be away at the start: whoever has a token writes, and is not asked to come again', { timeout: 40_000 }, async () => {
    const { api, tokens } = await logIn(service.origin, restDriver(service.origin))
    const before = await createTask(api, 'before')
    await service.stop()
    await postgres.kill('SIGQUIT')
    const { origin, startMs } = await service.restart()
    console.log(`start without Postgres ${Math.round(startMs)} ms`)
    expect([await probe('/livez'), await probe('/readyz')]).toEqual([200, 200])
    const again = restDriver(origin, tokens.accessToken)
    const made = await expectOutput(again.call('tasks.create', { title: 'made' }))
    const changed = await expectOutput(again.call('tasks.patch', { id: before.id, title: 'changed' }))
    expect([made.durability, changed.durability]).toEqual(['buffered', 'buffered'])
    expect(await expectOutput(again.call('tasks.get', { id: made.id }))).toMatchObject({ title: 'made', durability: 'buffered' })
    await service.kill9()
    // The second start finds what the first has kept.
    const { origin: later } = await service.restart()
    const thereafter = restDriver(later, tokens.accessToken)
    expect(await expectOutput(thereafter.call('operations.get', { id: changed.operationId }))).toMatchObject({ state: 'pending' })
    await postgres.restart()
    await untilDrained(later)
    expect((await allTasks(thereafter)).map(({ title, version }) => [title, version[0]])).toEqual([
      ['made', '1'],
      ['changed', '2'],
    ])
    await createTask((await logIn(later, restDriver(later))).api, 'x')
  })
})

/** Creates a task under a key of its own, and sends it again: both times it must be acknowledged as the same. */
async function acknowledgedTwice(api: Driver, title: string): Promise<void> {
  const create = () => expectOutput(api.call('tasks.create', { title }, { idempotencyKey: title }))
  const { id, operationId } = await create()
  expect(await create()).toMatchObject({ id, operationId })
}
