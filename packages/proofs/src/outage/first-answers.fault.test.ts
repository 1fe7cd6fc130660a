import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { logIn } from '@holdfast/acceptance/people'
import { withSql } from '@holdfast/acceptance/with-sql'
import { startCutOffFleet, type CutOffFleet } from './cut-off-fleet.ts'
import { startPacedWriters, type TimedWrite } from './paced-writers.ts'

const connections = 64
const everyMs = 100
const firstMs = 1_000
const outageMs = 1_600
const warmUpMs = 300
const beforeMs = 700
const longestFirstMs = 500
/**
 * Whoever waits for the database waits for the deadline of a write, 400 ms; whoever does not, a few milliseconds, on a machine that is
 * busy with another suite a few tens. This tells the two apart, whatever else the machine does.
 */
const longestLaterMs = 100
/** Something else may take the whole machine for the length of one outage: then a second one counts, and no third. */
const attempts = 2

/** How Postgres goes away, and how it comes back. */
type Cut = (fleet: CutOffFleet) => Promise<() => Promise<void>>

const cuts: Readonly<Record<string, Cut>> = {
  'is stopped': async ({ postgres: server }) => {
    await server.kill('SIGQUIT')
    return () => server.restart()
  },
  'is behind a black hole, which swallows what is sent on live connections': async ({ proxy }) => {
    await proxy.mode('hole')
    return () => proxy.mode('pass')
  },
  'accepts connections and is silent on them': async ({ proxy }) => {
    await proxy.mode('hole')
    proxy.closeConnections()
    return () => proxy.mode('pass')
  },
}

describeWhen(postgresAvailability(), `${connections} connections that write while Postgres goes away`, () => {
  let fleet: CutOffFleet
  let accessToken: string
  const origin = (): string => fleet.instances[0]?.origin ?? ''
  beforeAll(async () => {
    fleet = await startCutOffFleet({ BUFFER_USER_SHARE: '1' })
    ;({ accessToken } = (await logIn(origin(), restDriver(origin()))).tokens)
  })
  afterAll(() => fleet?.dispose())

  async function outage(run: string, cut: Cut): Promise<OutageTimes> {
    const writers = startPacedWriters({ origin: origin(), accessToken, count: connections, everyMs, run })
    await sleep(warmUpMs + beforeMs)
    const cutAt = performance.now()
    const giveBack = await cut(fleet)
    await sleep(Math.max(0, cutAt + outageMs - performance.now()))
    await writers.stop()
    await giveBack()
    await fleet.heal()
    const { writes } = writers
    expect(writes.filter(({ status }) => status !== 201 && status !== 202)).toEqual([])
    expect(await titlesOf(fleet.postgres.url, run)).toEqual(writes.map(({ title }) => title).toSorted())
    return {
      committed: writes.filter(({ sentAt, answeredAt }) => answeredAt < cutAt && sentAt >= cutAt - beforeMs),
      first: writes.filter(({ sentAt, answeredAt }) => answeredAt >= cutAt && sentAt < cutAt + firstMs),
      later: writes.filter(({ sentAt }) => sentAt >= cutAt + firstMs),
    }
  }

  for (const [name, cut] of Object.entries(cuts))
    test(`are answered in time, and never with a failure: it ${name}`, { timeout: 60_000 }, async () => {
      const tries: string[] = []
      let isInTime = false
      while (!isInTime && tries.length < attempts) {
        const { committed, first, later } = await outage(`${name.split(' ')[1]}-${tries.length}`, cut)
        expect(Math.min(first.length, later.length)).toBeGreaterThan(connections)
        tries.push(`it ${name}: committed before ${told(committed)}; the first ${told(first)}; later ${told(later)}`)
        console.log(tries.at(-1))
        isInTime = quantile(first, 0.99) <= longestFirstMs && quantile(later, 0.99) <= longestLaterMs
      }
      expect(isInTime, tries.join('\n')).toBe(true)
    })
})

/** What was answered before Postgres went; what was under way then or was sent in the first second; and what was sent later. */
interface OutageTimes {
  readonly committed: readonly TimedWrite[]
  readonly first: readonly TimedWrite[]
  readonly later: readonly TimedWrite[]
}

const told = (writes: readonly TimedWrite[]): string => `${writes.length} p50 ${quantile(writes, 0.5)} ms, p99 ${quantile(writes, 0.99)} ms`

/** How long all but the slowest were waited for, in milliseconds. */
function quantile(writes: readonly TimedWrite[], share: number): number {
  const sorted = writes.map(({ sentAt, answeredAt }) => answeredAt - sentAt).toSorted((one, other) => one - other)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) / 10
}

const titlesOf = (databaseUrl: string, run: string): Promise<readonly string[]> =>
  withSql(databaseUrl, async (sql) => {
    const rows = await sql<{ title: string }[]>`select title from tasks where starts_with(title, ${`${run}-`})`
    return rows.map(({ title }) => title).toSorted()
  })
