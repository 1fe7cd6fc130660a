import { describeWhen, redisAvailability } from '@holdfast/testkit/availability'
import { registerBusExam } from '@holdfast/testkit/bus-exam'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { testRedis } from '@holdfast/testkit/redis-keyspace'
import { startFaultProxy } from '@holdfast/testkit/tcp-proxy'
import { openRedisBus } from './bus.redis.ts'

describeWhen(redisAvailability(), 'over Redis', () => {
  registerBusExam('redis', async () => {
    const redis = await testRedis()
    const { hostname, port } = new URL(redis.url)
    const proxy = await startFaultProxy(Number(port || 6379), hostname)
    const open = () => openRedisBus({ url: proxy.through(redis.url), prefix: redis.prefix, clock, log: createTestLog() })
    const [one, other] = [open(), open()]
    return {
      one,
      other,
      async interrupt() {
        await proxy.mode('refuse')
        proxy.closeConnections()
      },
      restore: () => proxy.mode('pass'),
      async close() {
        await Promise.all([one.close(), other.close()])
        await proxy.stop()
        await redis.drop()
      },
    }
  })
})
