import { afterAll, beforeAll, describe } from 'vitest'
import { registerBlackBoxSuite } from './black-box-suite.ts'
import { restDriver } from './driver.rest.ts'
import { trpcDriver } from './driver.trpc.ts'
import { registerRestBodies } from './rest-facts/bodies.ts'
import { registerRestExamples } from './rest-facts/examples.ts'
import { registerRestReads } from './rest-facts/reads.ts'
import { restDoor } from './rest-facts/rest-door.ts'
import { registerRestWrites } from './rest-facts/writes.ts'
import { startService, type RunningService } from './service.ts'
import { registerTrpcFacts } from './trpc-facts/trpc-facts.ts'
import { registerWithRedis } from './with-redis.ts'

describe('embedded', () => {
  let service: RunningService
  beforeAll(async () => {
    service = await startService({ storage: 'embedded' })
  })
  afterAll(() => service?.dispose())

  const origin = (): string => service.origin
  registerBlackBoxSuite('through REST', { origin, nobody: () => restDriver(origin()) })
  registerBlackBoxSuite('through tRPC', { origin, nobody: () => trpcDriver(origin()) })

  describe('what only one door has', () => {
    const rest = restDoor(origin)
    registerRestWrites(rest)
    registerRestReads(rest)
    registerRestBodies(rest)
    registerRestExamples(rest)
    registerTrpcFacts(origin)
  })

  registerWithRedis(() => service)
})
