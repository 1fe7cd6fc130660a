import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { freePort } from '@holdfast/testkit/free-port'
import { startPostgres } from '@holdfast/testkit/postgres'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOutage } from '../long-runs/outage-run.ts'
import { startService, type RunningService } from '@holdfast/acceptance/service'

const seconds = 3
const kills = 1

// `pnpm prove outage` is the long form.
describeWhen(postgresAvailability(), '64 writers over an outage of Postgres, in which the service is killed', () => {
  let postgres: ThrowAwayServer
  let service: RunningService
  beforeAll(async () => {
    postgres = await startPostgres()
    service = await startService({ storage: { url: postgres.url }, env: { PORT: String(await freePort()) } })
  })
  afterAll(async () => {
    await service?.dispose()
    await postgres?.stop()
  })

  test('every acknowledged write is in the database exactly once and in its order, and nothing else', { timeout: 90_000 }, async () => {
    const { problems, lines } = await runOutage({ service, postgres, seconds, kills })
    console.log(lines.join('\n'))
    expect(problems).toEqual([])
  })
})
