import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { afterAll, beforeAll } from 'vitest'
import { registerFleet } from './fleet-suite.ts'
import { startFleet, type Fleet } from './fleet.ts'

describeWhen(postgresAvailability(), 'two instances with the same keys before one Postgres', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
  })
  afterAll(() => fleet?.dispose())

  registerFleet(() => fleet, { endedSessionMs: 3_000, othersWriteMs: 1_000 })
})
