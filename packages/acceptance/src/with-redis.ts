import { describeWhen, ownRedisAvailability } from '@holdfast/testkit/availability'
import { startRedis } from '@holdfast/testkit/redis'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { afterAll, beforeAll } from 'vitest'
import { registerBlackBoxSuite } from './black-box-suite.ts'
import { restDriver } from './driver.rest.ts'
import { untilRedisIs } from './until-redis-is.ts'
import type { RunningService } from './service.ts'

/** The same service once more, started again on its data with a Redis: the last part of its file. Which door makes no difference there. */
export function registerWithRedis(service: () => RunningService): void {
  describeWhen(ownRedisAvailability(), 'with Redis', () => {
    let redis: ThrowAwayServer
    beforeAll(async () => {
      redis = await startRedis()
      const { origin } = await service().restart({ REDIS_URL: redis.url })
      await untilRedisIs('pass', origin)
    })
    afterAll(() => redis?.stop())

    const origin = (): string => service().origin
    registerBlackBoxSuite('through REST', { origin, nobody: () => restDriver(origin()) })
  })
}
