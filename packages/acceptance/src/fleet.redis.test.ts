import { allOf, describeWhen, ownRedisAvailability, postgresAvailability } from '@holdfast/testkit/availability'
import { startRedis } from '@holdfast/testkit/redis'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { afterAll, beforeAll, describe } from 'vitest'
import { registerFleet } from './fleet-suite.ts'
import { startFleet, type Fleet } from './fleet.ts'
import { untilRedisIs } from './until-redis-is.ts'

const availability = allOf(postgresAvailability(), ownRedisAvailability())

// The same promises three times: Redis makes nothing right or wrong, only sooner or later.
describeWhen(availability, 'two instances before one Postgres and one Redis', () => {
  let redis: ThrowAwayServer
  let fleet: Fleet
  const untilBothSay = (status: 'pass' | 'warn') => Promise.all([fleet.here, fleet.there].map(({ origin }) => untilRedisIs(status, origin)))
  beforeAll(async () => {
    redis = await startRedis()
    fleet = await startFleet({ REDIS_URL: redis.url })
    await untilBothSay('pass')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await redis?.stop()
  })

  registerFleet(() => fleet, { endedSessionMs: 1_000, othersWriteMs: 1_000 })

  describe('after kill -9 of Redis', () => {
    beforeAll(async () => {
      await redis.kill('SIGKILL')
      await untilBothSay('warn')
    })
    registerFleet(() => fleet, { endedSessionMs: 3_000, othersWriteMs: 1_000 })
  })

  describe('when Redis is back', () => {
    beforeAll(async () => {
      await redis.restart()
      await untilBothSay('pass')
    })
    registerFleet(() => fleet, { endedSessionMs: 1_000, othersWriteMs: 1_000 })
  })
})
