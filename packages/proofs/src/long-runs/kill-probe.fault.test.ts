import { randomUUID } from 'node:crypto'
import { allOf, describeWhen, ownRedisAvailability, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { startRedis } from '@holdfast/testkit/redis'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runKillProbe, type KillProbe } from './kill-probe.ts'
import { findUnapplied } from './repeated-create.ts'
import { emptyDatabase, startService, type RunningService } from '@holdfast/acceptance/service'
import { withSql } from '@holdfast/acceptance/with-sql'

const seconds = 2
const longestCallMs = 5_000
const availability = allOf(postgresAvailability(), ownRedisAvailability())

// `pnpm prove kill-probe` is the long form.
describeWhen(availability, '64 writers whose service loses its connections every 50 ms', () => {
  let database: TestDatabase
  let redis: ThrowAwayServer
  let service: RunningService
  beforeAll(async () => {
    ;[database, redis] = await Promise.all([emptyDatabase(), startRedis()])
    service = await startService({ storage: { url: database.url }, env: { REDIS_URL: redis.url } })
  })
  afterAll(async () => {
    await service?.dispose()
    await Promise.all([database?.drop(), redis?.stop()])
  })

  for (const { name, backends, ofRedis } of [
    { name: 'to Postgres', backends: true, ofRedis: false },
    { name: 'to Redis', backends: false, ofRedis: true },
    { name: 'to both', backends: true, ofRedis: true },
  ])
    test(`${name}: every acknowledged task is there exactly once, and nobody hangs`, { timeout: 40_000 }, async () => {
      const kill: KillProbe['kill'] = { backends, redis: ofRedis ? redis.url : null }
      const { problems, lines, buffered } = await runKillProbe({ service, databaseUrl: database.url, kill, seconds, longestCallMs })
      console.log([name, ...lines].join('\n  '))
      expect(problems).toEqual([])
      expect(buffered > 0).toBe(backends)
    })

  test('buffered anew is right from when the database has it, and not before', async () => {
    const [first] = await withSql(
      database.url,
      (sql) => sql<{ id: string; appliedAt: Date }[]>`select id, applied_at as "appliedAt" from operations where kind = 'task' limit 1`,
    )
    const { id: operationId, appliedAt } = first ?? { id: '', appliedAt: new Date(0) }
    const answered = (title: string, after: number, id = operationId) => ({
      title,
      operationId: id,
      answeredAt: appliedAt.getTime() + after,
    })
    const repetitions = [answered('before', -1), answered('then', 0), answered('later', 1000), answered('never', 1000, randomUUID())]
    expect(await findUnapplied(database.url, repetitions)).toEqual([
      'before: sent again while it waited, and not told that it had been done',
      'never: sent again while it waited, and not told that it had been done',
    ])
    expect(await findUnapplied(database.url, [])).toEqual([])
  })
})
