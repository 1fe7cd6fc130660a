import { expect, test } from 'vitest'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { expectOutput, expectRefusal, type Driver } from '@holdfast/acceptance/driver'
import { noticedAfterMs } from '@holdfast/acceptance/fleet'
import { createTask, idTokenOf, logIn, type Person } from '@holdfast/acceptance/people'
import { commandLineEntry } from '@holdfast/acceptance/repository'
import type { RunningService } from '@holdfast/acceptance/service'
import { runProgram } from '@holdfast/acceptance/short-run'
import { withSql } from '@holdfast/acceptance/with-sql'
import type { CutOffFleet } from './cut-off-fleet.ts'
import type { OutagePart } from './outage-part.ts'

/** As published: how late an instance may hear of a session that was ended at another, without Redis. */
const endedSessionMs = 3_000
const tasksBefore = 20

/** Sessions and rights in an outage: what takes away binds at once and goes first, what gives waits for Postgres. */
export function securityInAnOutage(fleet: () => CutOffFleet): OutagePart {
  const instance = (index: 0 | 1 = 0): RunningService => fleet().instances[index] as RunningService
  const nobody = (index: 0 | 1 = 0): Driver => restDriver(instance(index).origin)
  let [staying, leaving, refreshing] = [] as unknown as [Person, Person, Person]

  const isOut = async (index: 0 | 1): Promise<boolean> => {
    const { error } = await nobody(index)
      .as(leaving.tokens.accessToken)
      .call('operations.list', { state: ['pending'] })
    if (error !== undefined && error.code !== 'STORE_UNAVAILABLE') expect(error).toMatchObject({ status: 401, code: 'AUTH_SESSION_ENDED' })
    return error?.code === 'AUTH_SESSION_ENDED'
  }
  const refresh = (index: 0 | 1, refreshToken: string) => nobody(index).call('auth.refresh', { refreshToken })

  return {
    async prepare() {
      const { origin } = instance()
      staying = await logIn(origin, nobody())
      leaving = await logIn(origin, nobody(), staying.subject)
      refreshing = await logIn(origin, nobody())
    },

    registerWhileAway() {
      test('a logout is accepted behind other work, and binds at once: for the access token and for the refresh token', async () => {
        const { api } = staying
        for (let index = 0; index < tasksBefore; index++) await expectOutput(api.call('tasks.create', { title: `before ${index}` }))
        expect(await isOut(0)).toBe(false)
        expect(await expectOutput(leaving.api.call('auth.logout', {}))).toEqual({ ended: true })
        expect(await isOut(0)).toBe(true)
        expect(await expectRefusal(refresh(0, leaving.tokens.refreshToken))).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
        expect(await expectOutput(api.call('tasks.create', { title: 'after' }))).toMatchObject({ durability: 'buffered' })
      })

      test('a refresh is answered as ever, and its tokens are good', async () => {
        const [one, again] = [
          await expectOutput(refresh(0, refreshing.tokens.refreshToken)),
          await expectOutput(refresh(0, refreshing.tokens.refreshToken)),
        ]
        expect(again.refreshToken).toBe(one.refreshToken)
        const next = await expectOutput(refresh(0, one.refreshToken))
        expect(await expectOutput(nobody().as(next.accessToken).call('tasks.create', { title: 'refreshed' }))).toMatchObject({
          durability: 'buffered',
        })
      })

      test('a login, and a role that is given, need Postgres and are refused', async () => {
        const idToken = await idTokenOf(instance().origin, refreshing.subject)
        const login = nobody().call('auth.login', { grant: { type: 'id_token', idToken } })
        expect(await expectRefusal(login)).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' })
        const { userId } = staying.tokens
        const env = { DATA_DIR: instance().dataDirectory }
        const grant = await runProgram(commandLineEntry, ['role', 'grant', '--user', userId, '--role', 'auditor'], env)
        expect(grant).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/database|written/i) })
      })
    },

    registerAfterRestart() {
      test('a logout still binds', async () => {
        expect(await isOut(0)).toBe(true)
        expect(await expectRefusal(refresh(0, leaving.tokens.refreshToken))).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
        expect(await expectOutput(nobody().as(staying.tokens.accessToken).call('tasks.create', { title: 'later' }))).toMatchObject({
          durability: 'buffered',
        })
      })
    },

    registerWhenBack() {
      test('a logout was applied before all that was accepted before it, and binds everywhere', async () => {
        const [ended, first] = await appliedTimes(fleet().postgres.url, leaving.tokens.sessionId, staying.tokens.userId)
        expect(ended).toBeLessThanOrEqual(first)
        expect(await noticedAfterMs(() => isOut(1), endedSessionMs)).toBeLessThan(endedSessionMs)
        expect(await expectRefusal(refresh(1, leaving.tokens.refreshToken))).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
      })

      test('who stayed goes on everywhere, and the role was not given', async () => {
        for (const index of [0, 1] as const) await createTask(nobody(index).as(staying.tokens.accessToken), 'x')
        const [row] = await withSql(fleet().postgres.url, (sql) => sql<{ grants: number }[]>`select count(*)::int as grants from grants`)
        expect(row?.grants).toBe(0)
        expect((await logIn(instance().origin, nobody(), refreshing.subject)).tokens.userId).toBe(refreshing.tokens.userId)
      })
    },
  }
}

/** When the end of the session was applied, and the first of the tasks that were drained; milliseconds since 1970. */
const appliedTimes = (databaseUrl: string, session: string, user: string): Promise<readonly [ended: number, first: number]> =>
  withSql(databaseUrl, async (sql) => {
    const [row] = await sql<{ ended: number; first: number; tasks: number }[]>`
      select
        (select extract(epoch from applied_at) * 1000 from operations where name = 'sessions.end' and entity = ${session})::float8 as ended,
        min(extract(epoch from applied_at) * 1000)::float8 as first,
        count(*)::int as tasks
      from operations where actor = ${user} and name = 'tasks.create' and acknowledged_as = 'buffered'`
    expect(row?.tasks).toBe(tasksBefore + 2)
    return [row?.ended ?? Number.NaN, row?.first ?? Number.NaN]
  })
