import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { untilDrained } from './drained.ts'
import { authorization, restDriver } from './driver.rest.ts'
import { expectOutput, expectRefusal, type Driver } from './driver.ts'
import { atBoth, noticedAfterMs, type Fleet, type PersonAtBoth } from './fleet.ts'
import { allTasks, createTask, logIn, type Task } from './people.ts'
import { send, type RestAnswer } from './rest-request.ts'

/** How late an instance may be, in milliseconds: the bounds that are published. */
export interface FleetBounds {
  readonly endedSessionMs: number
  readonly othersWriteMs: number
}

const patienceMs = 10_000
/** Spread over the two seconds between two looks at the database. */
const endedSessions = 4
const betweenEndsMs = 500
const writesElsewhere = 3

/** What two instances promise whatever else is there or away; only the bound of ended sessions differs. */
export function registerFleet(fleet: () => Fleet, { endedSessionMs, othersWriteMs }: FleetBounds): void {
  const create = (origin: string, token: string, title: string, key?: string): Promise<RestAnswer> => {
    const headers = { ...authorization(token), ...(key !== undefined && { 'Idempotency-Key': key }) }
    return send(origin, { method: 'POST', path: '/api/v1/tasks', headers, body: { title } })
  }

  test('accept each other’s tokens and cursors, and know the same person', async () => {
    const { here, there, tokens, subject } = await atBoth(fleet())
    const made: Task[] = []
    for (const api of [here, there, here, there, here]) made.push(await createTask(api, `task ${made.length}`))
    const listed: string[] = []
    let cursor: string | undefined
    for (const api of [here, there, here, there, here]) {
      const page = await expectOutput(api.call('tasks.list', { sort: 'created', limit: 1, ...(cursor !== undefined && { cursor }) }))
      listed.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    }
    expect([listed, cursor]).toEqual([made.map(({ id }) => id), undefined])

    const refresh = (api: Driver, refreshToken: string) => expectOutput(api.call('auth.refresh', { refreshToken }))
    const [one, other] = await Promise.all([refresh(here, tokens.refreshToken), refresh(there, tokens.refreshToken)])
    expect(other.refreshToken).toBe(one.refreshToken)
    const third = await refresh(there, one.refreshToken)
    expect(third).toMatchObject({ userId: tokens.userId, sessionId: tokens.sessionId })
    expect(await allTasks(here.as(third.accessToken))).toHaveLength(5)
    const { origin } = fleet().there
    expect((await logIn(origin, restDriver(origin), subject)).tokens.userId).toBe(tokens.userId)
  })

  test('repeat each other’s answers under a key, byte for byte', async () => {
    const { here, there } = fleet()
    const { tokens, here: api } = await atBoth(fleet())
    const first = await create(here.origin, tokens.accessToken, 'once', 'the-key')
    expect(first.status).toBe(201)
    const { id } = first.json as Task
    await expectOutput(api.call('tasks.patch', { id, title: 'changed since' }))
    const repeated = await create(there.origin, tokens.accessToken, 'once', 'the-key')
    expect([repeated.status, repeated.text]).toEqual([201, first.text])
    for (const name of ['etag', 'location', 'durability', 'content-type'])
      expect(repeated.headers.get(name), name).toBe(first.headers.get(name))
    expect([first, repeated].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    expect(await create(there.origin, tokens.accessToken, 'another', 'the-key')).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
  })

  test('do once what is sent to both at the same time under one key', async () => {
    const { here, there } = fleet()
    const { tokens, there: api } = await atBoth(fleet())
    for (let round = 0; round < 5; round++) {
      const [one, other] = await Promise.all(
        [here, there].map(({ origin }) => create(origin, tokens.accessToken, `round ${round}`, `round-${round}`)),
      )
      expect([one?.status, other?.status, other?.text]).toEqual([201, 201, one?.text])
    }
    expect(await allTasks(api)).toHaveLength(5)
  })

  test('lose no edit of one task that is made at both at the same time', async () => {
    const { here, there } = await atBoth(fleet())
    const { id } = await createTask(here, 'x')
    const label = (api: Driver, name: string) => expectOutput(api.call('tasks.patch', { id, addLabels: [name] }))
    for (let round = 0; round < 10; round++) await Promise.all([label(here, `${round}-here`), label(there, `${round}-there`)])
    // An edit that met too many of the other’s was buffered.
    await Promise.all([fleet().here, fleet().there].map(({ origin }) => untilDrained(origin)))
    const task = await expectOutput(here.call('tasks.get', { id }))
    expect(task.labels).toHaveLength(20)
    expect(task.version).toMatch(/^21\./)
    expect(await expectOutput(there.call('tasks.get', { id }))).toEqual(task)
  })

  test('show a write of the other at once to whoever brings its token, and to all within the bound', { timeout: 20_000 }, async () => {
    const { here, there } = fleet()
    const { tokens } = await atBoth(fleet())
    const list = async (token?: string): Promise<readonly string[]> => {
      const headers = { ...authorization(tokens.accessToken), ...(token !== undefined && { 'Consistency-Token': token }) }
      const { json } = await send(there.origin, { method: 'GET', path: '/api/v1/tasks?limit=100', headers })
      return (json as { readonly items: readonly Task[] }).items.map(({ title }) => title)
    }
    const staleMs: number[] = []
    for (let round = 0; round < writesElsewhere; round++) {
      // The page of before is in memory there.
      await list()
      const written = await create(here.origin, tokens.accessToken, `with token ${round}`)
      expect(await list(written.headers.get('consistency-token') ?? '')).toContain(`with token ${round}`)

      await list()
      const title = `without token ${round}`
      await create(here.origin, tokens.accessToken, title)
      staleMs.push(await noticedAfterMs(async () => (await list()).includes(title), patienceMs))
    }
    console.log(`a write elsewhere was last missed after ${staleMs.join(', ')} ms (bound ${othersWriteMs})`)
    expect(Math.max(...staleMs)).toBeLessThan(othersWriteMs)
  })

  test('refuse a session that was ended at the other, within the bound', { timeout: 20_000 }, async () => {
    const first = await atBoth(fleet())
    const sessions = [first]
    while (sessions.length < endedSessions) sessions.push(await atBoth(fleet(), first.subject))
    for (const { there } of sessions) await expectOutput(there.call('tasks.list', {}))
    const end = async (session: PersonAtBoth, index: number): Promise<number> => {
      await sleep(index * betweenEndsMs)
      if (index === 0) await expectOutput(session.here.call('auth.logout', {}))
      else await expectOutput(session.here.call('sessions.end', { id: session.tokens.sessionId }))
      return noticedAfterMs(async () => {
        const { error } = await session.there.call('profile.get', {})
        if (error !== undefined) expect(error.code).toBe('AUTH_SESSION_ENDED')
        return error !== undefined
      }, patienceMs)
    }
    const lateMs = await Promise.all(sessions.map(end))
    console.log(`an ended session was last let through after ${lateMs.join(', ')} ms (bound ${endedSessionMs})`)
    expect(Math.max(...lateMs)).toBeLessThan(endedSessionMs)
    const refresh = first.there.as(null).call('auth.refresh', { refreshToken: first.tokens.refreshToken })
    expect(await expectRefusal(refresh)).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
  })
}
