import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { startPostgres } from '@holdfast/testkit/postgres'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restDriver } from './driver.rest.ts'
import { expectOutput, expectRefusal, type Driver } from './driver.ts'
import { allTasks, createTask, logIn } from './people.ts'
import { send } from './rest-request.ts'
import { startService, type RunningService } from './service.ts'

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
  const untilReadyIs = (status: 200 | 503) =>
    waitUntil(async () => ((await probe('/readyz')) === status ? true : undefined), {
      timeoutMs: longestNoticeMs,
      everyMs: 50,
      problem: () => `/readyz did not become ${status} in ${longestNoticeMs} ms`,
    })

  test('is told as it is: nothing is accepted, nothing is invented, the process lives', { timeout: 30_000 }, async () => {
    const { api, tokens } = await logIn(service.origin, restDriver(service.origin))
    const task = await createTask(api, 'before')
    await postgres.kill('SIGQUIT')
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await expectRefusal(api.call('tasks.create', { title: 'during' }))).code).toMatch(/^(STORE_UNAVAILABLE|OUTCOME_UNKNOWN)$/)
      expect(await expectRefusal(api.call('tasks.list', {}))).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
      expect(await expectRefusal(api.call('tasks.get', { id: task.id }))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
    await untilReadyIs(503)
    const headers = { Authorization: `Bearer ${tokens.accessToken}` }
    const answer = await send(service.origin, { method: 'GET', path: '/api/v1/tasks', headers })
    expect([answer.headers.get('retry-after'), answer.headers.get('service-status')]).toEqual(['1', 'degraded'])
    expect([await probe('/livez'), await probe('/startupz'), await probe('/readyz')]).toEqual([200, 200, 503])
    expect((await send(service.origin, { method: 'GET', path: '/status' })).json).toMatchObject({ status: 'degraded' })
    await postgres.restart()
    await untilReadyIs(200)
    expect(await expectOutput(api.call('tasks.get', { id: task.id }))).toEqual(task)
    await createTask(api, 'after')
  })

  test('costs nothing that was acknowledged, and what is sent again under its key is done once', { timeout: 40_000 }, async () => {
    const { api } = await logIn(service.origin, restDriver(service.origin))
    const run = randomBytes(4).toString('hex')
    const give = new AbortController()
    const persistent = async (writer: number): Promise<number> => {
      let done = 0
      while (!give.signal.aborted) {
        if (await untilAcknowledged(api, `${run}-${writer}-${done}`)) done += 1
        else throw new Error(`writer ${writer} was not answered in time`)
      }
      return done
    }
    const writers = Promise.all(Array.from({ length: 8 }, (_, writer) => persistent(writer)))
    await sleep(300)
    await postgres.kill('SIGQUIT')
    await sleep(300)
    await postgres.restart()
    await untilReadyIs(200)
    await sleep(200)
    give.abort()
    const done = await writers
    const titles = (await allTasks(api)).map(({ title }) => title).toSorted()
    const expected = done.flatMap((count, writer) => Array.from({ length: count }, (_, index) => `${run}-${writer}-${index}`)).toSorted()
    expect(titles).toEqual(expected)
    console.log(`${titles.length} tasks over an outage of Postgres`)
  })

  test(
    'may be away at the start: the service listens, says that it is not ready, and begins when it is there',
    { timeout: 40_000 },
    async () => {
      await service.stop()
      await postgres.kill('SIGQUIT')
      const { origin, startMs } = await service.restart()
      console.log(`start without Postgres ${Math.round(startMs)} ms`)
      expect([await probe('/livez'), await probe('/readyz')]).toEqual([200, 503])
      await postgres.restart()
      await untilReadyIs(200)
      const { api } = await logIn(origin, restDriver(origin))
      await createTask(api, 'x')
    },
  )
})

/** Creates a task under a key of its own, again and again, until it is acknowledged. */
async function untilAcknowledged(api: Driver, title: string): Promise<boolean> {
  const deadline = performance.now() + longestNoticeMs + 5_000
  while (performance.now() < deadline) {
    const { error } = await api.call('tasks.create', { title }, { idempotencyKey: title })
    if (error === undefined) return true
    expect(error.code).toMatch(/^(STORE_UNAVAILABLE|STORE_OVERLOADED|OUTCOME_UNKNOWN|IDEMPOTENCY_KEY_IN_FLIGHT)$/)
    await sleep(50)
  }
  return false
}
