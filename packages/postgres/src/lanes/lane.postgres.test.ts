import { execFileSync } from 'node:child_process'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { emptyDatabase } from './empty-database.fixture.ts'
import { failureOf, registerLaneExam } from './lane-exam.ts'
import { createPostgresLane, type PostgresLaneOptions } from './lane.postgres.ts'
import type { Lane } from './lane.ts'

const opened: Lane[] = []
const openLane = (options: PostgresLaneOptions) => {
  const lane = createPostgresLane(options)
  opened.push(lane)
  return lane
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((lane) => lane.close()))
})

describeWhen(postgresAvailability(), 'Postgres lane', () => {
  let database: TestDatabase
  let administrator: Lane
  beforeAll(async () => {
    database = await emptyDatabase()
    administrator = createPostgresLane({ url: database.url, name: 'administrator', statementTimeoutMs: 5_000 })
  })
  afterAll(async () => {
    await administrator.close()
    await database.drop()
  })

  const lane = (options: Partial<PostgresLaneOptions> = {}) => openLane({ url: database.url, name: 'test-lane', ...options })
  const backendOf = async (one: Lane) => Number((await one.query('select pg_backend_pid()', [], 2_000))[0]![0])
  const endBackend = (pid: number) => administrator.query('select pg_terminate_backend($1)', [pid], 5_000)

  /** Whether this machine's process of that number serves our own database: no other must be stopped. */
  function isOurBackend(pid: number): boolean {
    try {
      process.kill(pid, 0)
      return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(database.name)
    } catch {
      return false
    }
  }

  describe('as every lane', () => {
    let examined: Lane
    beforeAll(() => {
      examined = createPostgresLane({ url: database.url, name: 'exam', statementTimeoutMs: 5_000 })
    })
    afterAll(() => examined.close())
    registerLaneExam(() => examined)
  })

  it('connects when first used, under its name and with its limits', async () => {
    const one = lane({ name: 'holdfast-direct-0', statementTimeoutMs: 321, lockTimeoutMs: 99 })
    const named = () =>
      administrator.query(
        `select 1 from pg_stat_activity where application_name = 'holdfast-direct-0' and datname = current_database()`,
        [],
        5_000,
      )
    expect(await named()).toHaveLength(0)
    const settings = `current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('TimeZone')`
    expect(await one.query(`select ${settings}`, [], 2_000)).toEqual([['321ms', '99ms', 'UTC']])
    expect(await named()).toHaveLength(1)
    await one.close()
    expect(await failureOf(one.query('select 1', [], 500))).toBe('not_sent')
  })

  it('counts the statements that it sends', async () => {
    let sent = 0
    const one = lane({ onStatement: () => sent++ })
    await one.query('select 1', [], 1_000)
    await one.script('select 1; select 2', 1_000)
    expect(sent).toBe(2)
  })

  it('says refused when the statement timeout ends a statement, and keeps its connection', async () => {
    const one = lane({ statementTimeoutMs: 50 })
    const pid = await backendOf(one)
    await expect(one.query('select pg_sleep(2)', [], 1_000)).rejects.toMatchObject({ failure: 'refused', sqlstate: '57014' })
    expect(await backendOf(one)).toBe(pid)
  })

  it('heals when its backend is ended while idle', async () => {
    const one = lane()
    const pid = await backendOf(one)
    await endBackend(pid)
    await sleep(50)
    expect(await backendOf(one)).not.toBe(pid)
  })

  it('says unknown when its backend is ended in flight, and heals', async () => {
    const one = lane({ statementTimeoutMs: 5_000 })
    const pid = await backendOf(one)
    const inFlight = failureOf(one.query('select pg_sleep(3)', [], 4_000))
    const waiting = one.query('select 5', [], 4_000)
    await sleep(100)
    await endBackend(pid)
    expect(await inFlight).toBe('unknown')
    expect(await waiting).toEqual([[5]])
  })

  it('says unknown when a frozen backend misses the deadline, and goes on with another', async ({ skip }) => {
    const one = lane()
    const pid = await backendOf(one)
    skip(!isOurBackend(pid), 'the server does not run on this machine, or not as a user whose processes we may stop')
    await one.script('create table frozen (id int4)', 2_000)
    process.kill(pid, 'SIGSTOP')
    try {
      const startedAt = performance.now()
      const unanswered = one.query('insert into frozen values (1)', [], 300)
      await expect(unanswered).rejects.toMatchObject({ failure: 'unknown', missed: 'answer' })
      expect(performance.now() - startedAt).toBeLessThan(450)
      expect(await backendOf(one)).not.toBe(pid)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    // What was unknown may still come to be: the statement was with the server. Never twice, though.
    await sleep(100)
    expect([0, 1]).toContain((await one.query('select count(*)::int4 from frozen', [], 2_000))[0]![0])
  })

  it('refuses a wrong database and a bad password before anything is sent, and says why', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    await expect(lane({ url: url.href }).query('select 1', [], 2_000)).rejects.toMatchObject({
      failure: 'not_sent',
      sqlstate: '3D000',
      message: expect.stringContaining('no_such_database'),
    })
  })

  it('refuses what comes when the queue is full', async () => {
    const one = lane({ maxWaiting: 2 })
    const slow = one.query('select pg_sleep(0.1)', [], 2_000)
    const waiting = [one.query('select 1', [], 2_000), one.query('select 2', [], 2_000)]
    expect(await failureOf(one.query('select 3', [], 2_000))).toBe('not_sent')
    expect(await Promise.all(waiting)).toEqual([[[1]], [[2]]])
    await slow
  })

  it('closes with the statement in flight answered and the waiting ones refused', async () => {
    const one = lane()
    const slow = one.query('select pg_sleep(0.1)::text', [], 2_000)
    const waiting = failureOf(one.query('select 1', [], 2_000))
    await one.close()
    expect(await slow).toEqual([['']])
    expect(await waiting).toBe('not_sent')
  })

  it('loses nothing, doubles nothing and hangs nobody while backends are ended every 50 ms', { timeout: 25_000 }, async () => {
    const prefix = 'storm'
    const [leastEnded, leastAcknowledged] = [50, 1_000]
    const lanes = Array.from({ length: 4 }, (_, index) => lane({ name: `${prefix}-${index}` }))
    await lanes[0]!.script('create table storm (id int8 generated always as identity, token text)', 2_000)
    // For three seconds, and on a busy machine for as long as so many kills and writes take.
    const began = performance.now()
    const isOver = () => {
      const elapsedMs = performance.now() - began
      return elapsedMs > 12_000 || (elapsedMs > 3_000 && ended > leastEnded && acknowledged.length > leastAcknowledged)
    }
    const acknowledged: string[] = []
    let unknown = 0
    let slowestMs = 0
    let ended = 0

    async function write(writer: number) {
      for (let turn = 0; !isOver(); turn++) {
        const token = `${writer}-${turn}`
        const startedAt = performance.now()
        try {
          await lanes[writer % lanes.length]!.query('insert into storm (token) values ($1)', [token], 400)
          acknowledged.push(token)
        } catch (error) {
          const { failure } = error as { failure: string }
          if (failure === 'unknown') unknown++
          await sleep(5)
        }
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      }
    }
    async function killBackends() {
      while (!isOver()) {
        const killed = await administrator.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
             where application_name like $1 and datname = current_database() order by random() limit 2`,
          [`${prefix}-%`],
          5_000,
        )
        ended += killed.length
        await sleep(50)
      }
    }
    await Promise.all([killBackends(), ...Array.from({ length: 64 }, (_, writer) => write(writer))])

    // Not by a lane of the storm: the last backend that was told to end may still be ending.
    const rows = (await administrator.query('select token from storm', [], 5_000)).map(([token]) => String(token))
    const stored = new Set(rows)
    expect(stored.size, 'a row is there twice').toBe(rows.length)
    expect(
      acknowledged.filter((token) => !stored.has(token)),
      'acknowledged and lost',
    ).toEqual([])
    expect(rows.length - acknowledged.length, 'stored without an answer').toBeLessThanOrEqual(unknown)
    expect(ended).toBeGreaterThan(leastEnded)
    expect(acknowledged.length).toBeGreaterThan(leastAcknowledged)
    expect(slowestMs).toBeLessThan(700)
  })
})

describe('Postgres lane without a Postgres', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function listen(onConnection: (socket: Socket) => void) {
    server = createServer((socket) => {
      socket.on('error', () => {})
      onConnection(socket)
    })
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    return `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/none`
  }

  it('says not_sent at once, to all who wait, when the connection is refused', async () => {
    const url = await listen(() => {})
    await new Promise((resolve) => server!.close(resolve))
    const one = openLane({ url, name: 'refused' })
    const startedAt = performance.now()
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(one.query('select 1', [], 5_000))))
    expect(new Set(failures)).toEqual(new Set(['not_sent']))
    expect(performance.now() - startedAt).toBeLessThan(200)
  })

  it('does not dial in a loop when the server accepts and closes at once', async () => {
    let accepted = 0
    const url = await listen((socket) => {
      accepted++
      socket.end()
    })
    const one = openLane({ url, name: 'closing' })
    const began = performance.now()
    const elapsedMs = () => performance.now() - began
    let calls = 0
    while (elapsedMs() < 1_000 || (calls <= 100 && elapsedMs() < 8_000)) {
      expect(await failureOf(one.query('select 1', [], 400))).toBe('not_sent')
      calls++
      await sleep(1)
    }
    expect(calls).toBeGreaterThan(100)
    expect(accepted).toBeGreaterThan(2)
    // It dials once a while, however often it is asked.
    expect(accepted).toBeLessThan(20 * Math.max(1, elapsedMs() / 1_000))
  })

  it('says not_sent when the server accepts and never speaks, within the connect timeout', async () => {
    const url = await listen(() => {})
    const one = openLane({ url, name: 'mute', connectTimeoutMs: 100 })
    const startedAt = performance.now()
    expect(await failureOf(one.query('select 1', [], 5_000))).toBe('not_sent')
    expect(performance.now() - startedAt).toBeLessThan(300)
    expect(await failureOf(one.query('select 1', [], 20))).toBe('not_sent')
  })

  it('takes no plain connection where the url asks for TLS, nor bytes smuggled in before it', async () => {
    for (const answer of ['N', 'S and more']) {
      const url = await listen((socket) => void socket.once('data', () => socket.write(answer)))
      const refusal = openLane({ url: `${url}?sslmode=require`, name: 'tls' }).query('select 1', [], 2_000)
      await expect(refusal).rejects.toMatchObject({ failure: 'not_sent', message: expect.stringContaining('TLS_REFUSED') })
      server?.close()
    }
  })
})
