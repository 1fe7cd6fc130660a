import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import { afterAll, beforeAll } from 'vitest'
import { registerBlackBoxSuite } from './black-box-suite.ts'
import { restDriver } from './driver.rest.ts'
import { trpcDriver } from './driver.trpc.ts'
import { startService, type RunningService } from './service.ts'
import { registerWithRedis } from './with-redis.ts'

describeWhen(postgresAvailability(), 'on Postgres', () => {
  let service: RunningService
  beforeAll(async () => {
    service = await startService({ storage: 'postgres' })
  })
  afterAll(() => service?.dispose())

  const origin = (): string => service.origin
  registerBlackBoxSuite('through REST', { origin, nobody: () => restDriver(origin()) })
  registerBlackBoxSuite('through tRPC', { origin, nobody: () => trpcDriver(origin()) })

  registerWithRedis(() => service)
})
