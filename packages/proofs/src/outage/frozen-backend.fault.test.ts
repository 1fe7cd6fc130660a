import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { startPostgres } from '@holdfast/testkit/postgres'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untilDrained } from '@holdfast/acceptance/drained'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { trpcDriver } from '@holdfast/acceptance/driver.trpc'
import { expectOutput } from '@holdfast/acceptance/driver'
import { createTask, logIn } from '@holdfast/acceptance/people'
import { startService, type RunningService } from '@holdfast/acceptance/service'
import { withSql } from '@holdfast/acceptance/with-sql'
import { freezeDuring } from './frozen-backend.ts'

/** Long enough for the drain to have tried, and to have met the locks of the frozen backend. */
const frozenMs = 600

describeWhen(postgresAvailability(), 'a backend of Postgres that freezes during a write', () => {
  let server: ThrowAwayServer
  let service: RunningService
  beforeAll(async () => {
    server = await startPostgres()
    service = await startService({ storage: { url: server.url } })
  })
  afterAll(async () => {
    await service?.dispose()
    await server?.stop()
  })

  for (const [name, driver] of Object.entries({ REST: restDriver, tRPC: trpcDriver }))
    test(`is waited for by nobody: through ${name} the write and an edit are accepted, then applied once, in order`, async () => {
      const { api } = await logIn(service.origin, driver(service.origin))
      const startedAt = performance.now()
      let answeredMs = 0
      let creating = Promise.resolve({}) as ReturnType<typeof create>
      const create = () =>
        expectOutput(api.call('tasks.create', { title: 'frozen' }, { idempotencyKey: `frozen-${name}` })).finally(() => {
          answeredMs = performance.now() - startedAt
        })
      const frozen = await freezeDuring(server.url, () => {
        creating = create()
      })
      const states = new Map<string, string[]>()
      const look = async (): Promise<void> => {
        for (const [id, seen] of states) {
          const { state } = await expectOutput(api.call('operations.get', { id }))
          if (seen.at(-1) !== state) seen.push(state)
        }
      }
      try {
        const created = await creating
        expect(created).toMatchObject({ title: 'frozen', durability: 'buffered' })
        const edited = await expectOutput(api.call('tasks.patch', { id: created.id, title: 'edited', addLabels: ['late'] }))
        expect(edited).toMatchObject({ title: 'edited', durability: 'buffered' })
        for (const { operationId } of [created, edited]) states.set(operationId, [])
        // Other work goes on: it is one backend that stands still, not Postgres.
        for (const until = performance.now() + frozenMs; performance.now() < until; await sleep(20)) await look()
        expect([...states.values()]).toEqual([['pending'], ['pending']])
        expect((await createTask(api, 'beside it')).durability).toBe('committed')

        frozen.thaw()
        await waitUntil(
          async () => {
            await look()
            return [...states.values()].every((seen) => seen.at(-1) === 'applied') || undefined
          },
          { timeoutMs: 8_000, everyMs: 10, problem: () => `they became ${JSON.stringify([...states.values()])}` },
        )
        expect([...states.values()]).toEqual([
          ['pending', 'applied'],
          ['pending', 'applied'],
        ])
        console.log(`${name}: answered 202 after ${Math.round(answeredMs)} ms`)
        const task = await expectOutput(api.call('tasks.get', { id: created.id }))
        expect(task).toMatchObject({ title: 'edited', labels: ['late'], version: `2.${edited.operationId}`, durability: 'committed' })
        expect(await operationsOn(server.url, created.id)).toEqual([`1 ${created.operationId}`, `2 ${edited.operationId}`])
        expect(await create()).toMatchObject({ id: created.id, durability: 'committed' })
        await untilDrained(service.origin)
      } finally {
        frozen.thaw()
      }
    })
})

/** Every operation on an entity, as its revision and its id. */
const operationsOn = (databaseUrl: string, entity: string): Promise<readonly string[]> =>
  withSql(databaseUrl, async (sql) => {
    const rows = await sql<
      { revision: number; id: string }[]
    >`select revision, id from operations where entity = ${entity} order by revision`
    return rows.map(({ revision, id }) => `${revision} ${id}`)
  })
