import { setTimeout as sleep } from 'node:timers/promises'
import { createGate, type Gate } from '@holdfast/resilience/gate'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { startFaultProxy, type FaultProxy } from '@holdfast/testkit/tcp-proxy'
import { realClock } from '@holdfast/testkit/real-clock'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyDatabase } from '../lanes/empty-database.fixture.ts'
import { createPostgresLane } from '../lanes/lane.postgres.ts'
import { createLaneSet, type LaneSet } from '../lanes/lane-set.ts'
import { createReadDatabase, reading, type ReadDatabase } from './read-database.ts'

const deadlineMs = 1_000

describeWhen(postgresAvailability(), 'reads behind the gate', () => {
  let database: TestDatabase
  let proxy: FaultProxy
  let lanes: LaneSet
  let gate: Gate
  let reads: ReadDatabase
  beforeEach(async () => {
    database = await emptyDatabase()
    const { port, hostname } = new URL(database.url)
    proxy = await startFaultProxy(Number(port), hostname)
    const url = proxy.through(database.url)
    const settings = { url, statementTimeoutMs: 10_000, connectTimeoutMs: 5_000 }
    lanes = createLaneSet(({ name, onStatement }) => createPostgresLane({ ...settings, name, onStatement }), { readCount: 2 })
    gate = createGate({ clock: realClock, slowMs: 300 })
    reads = createReadDatabase(lanes, deadlineMs, gate)
    await read(0)
  })
  afterEach(async () => {
    await lanes.close()
    await proxy.stop()
    await database.drop()
  })
  const read = (seconds: number) =>
    reading(reads.execute(sql`select pg_sleep(${seconds})::text`)).then(
      () => 'read',
      () => 'not read',
    )

  it('that are slow leave it closed: those that had no answer in time, and those that had no turn behind them', async () => {
    const outcomes = await Promise.all([5, 5, 5, 0, 0].map(read))
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'not read'))
    await sleep(deadlineMs)
    expect(gate.state().kind).toBe('closed')
    expect(await read(0)).toBe('read')
  })

  it('open it soon when the database swallows everything', async () => {
    await lanes.direct(0).query('select 1', [], 5_000)
    await proxy.mode('hole')
    expect(await read(0)).toBe('not read')
    const { promise, resolve } = Promise.withResolvers<string>()
    gate.follow(({ kind }) => resolve(kind))
    expect(await Promise.race([promise, sleep(2 * deadlineMs, 'too late')])).toBe('open')
  })
})
