import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { emptyDatabase } from '../lanes/empty-database.fixture.ts'
import { createPostgresLane } from '../lanes/lane.postgres.ts'
import type { Lane } from '../lanes/lane.ts'
import { migrate } from './migrate.ts'
import { registerMigrationExam } from './migration-exam.ts'

describeWhen(postgresAvailability(), 'migrations on Postgres', () => {
  let database: TestDatabase
  let lanes: Lane[]
  beforeAll(async () => {
    database = await emptyDatabase()
    const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 60_000 }
    lanes = Array.from({ length: 8 }, (_, index) => createPostgresLane({ url: database.url, name: `migrator-${index}`, ...limits }))
  })
  afterAll(async () => {
    await Promise.all(lanes.map((lane) => lane.close()))
    await database.drop()
  })

  registerMigrationExam(() => lanes[0]!)

  it('runs each file once when eight start together', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-race-'))
    try {
      const names = Array.from({ length: 6 }, (_, index) => `000${index + 1}_step.sql`)
      writeFileSync(join(directory, names[0]!), 'create table steps (number int4);')
      for (const [index, name] of names.slice(1).entries()) {
        writeFileSync(join(directory, name), `insert into steps values (${index + 2}); select pg_sleep(0.01);`)
      }
      await lanes[0]!.script('drop schema public cascade; create schema public', 5_000)
      const results = await Promise.all(lanes.map((lane) => migrate(lane, directory)))
      expect(results.flatMap((result) => result.applied).toSorted()).toEqual(names)
      expect(results.every((result) => result.applied.length + result.alreadyApplied === names.length)).toBe(true)
      expect(await lanes[0]!.query('select number from steps order by 1', [], 5_000)).toEqual([[2], [3], [4], [5], [6]])
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
