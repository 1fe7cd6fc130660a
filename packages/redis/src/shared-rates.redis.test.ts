import { describeWhen, redisAvailability } from '@holdfast/testkit/availability'
import { realClock as clock } from '@holdfast/testkit/real-clock'
import { connectRedis } from '@holdfast/testkit/redis-connection'
import { testRedis } from '@holdfast/testkit/redis-keyspace'
import { startFaultProxy } from '@holdfast/testkit/tcp-proxy'
import { waitUntil } from '@holdfast/testkit/wait-until'
import type { SharedRates } from '@holdfast/usecases/ports/shared-rates'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedisSharedRates } from './shared-rates.redis.ts'

describeWhen(redisAvailability(), 'over Redis', () => {
  const secret = new Uint8Array(32).fill(7)
  const key = (subject: string) => ({ policy: 'address', subject, windowSeconds: 60 })
  let redis: Awaited<ReturnType<typeof testRedis>>
  beforeAll(async () => void (redis = await testRedis()))
  afterAll(() => redis.drop())
  const answering = (rates: SharedRates) =>
    waitUntil(() => rates.add(key('ready'), 1).catch(() => undefined), { timeoutMs: 5_000, problem: () => 'Redis does not answer.' })
  const open = (url = redis.url) => openRedisSharedRates({ url, prefix: redis.prefix, clock, secret })

  test('instances count together, and Redis holds no address and forgets by itself', async () => {
    const [one, other] = [open(), open()]
    const peek = await connectRedis(redis.url)
    try {
      await answering(one)
      await answering(other)
      expect(await one.add(key('192.0.2.1'), 2)).toMatchObject({ count: 2 })
      const { count, remainingMs } = await other.add(key('192.0.2.1'), 3)
      expect(count).toBe(5)
      expect(remainingMs).toBeGreaterThan(50_000)
      expect(remainingMs).toBeLessThanOrEqual(60_000)
      expect(await one.add({ ...key('192.0.2.1'), policy: 'auth' }, 1)).toMatchObject({ count: 1 })
      const keys = (await peek.command('KEYS', `${redis.prefix}*`)) as string[]
      expect(keys).toHaveLength(3)
      for (const name of keys) {
        expect(name).not.toContain('192.0.2.1')
        expect(await peek.command('PTTL', name)).toBeGreaterThan(0)
      }
    } finally {
      peek.close()
      await Promise.all([one.close(), other.close()])
    }
  })

  test('a Redis that stalls or is away is an error within the bound, and comes back', async () => {
    const { hostname, port } = new URL(redis.url)
    const proxy = await startFaultProxy(Number(port || 6379), hostname)
    const rates = open(proxy.through(redis.url))
    try {
      await answering(rates)
      await proxy.mode('hole')
      const startedAt = performance.now()
      await expect(rates.add(key('a'), 1)).rejects.toThrow()
      expect(performance.now() - startedAt).toBeLessThan(500)
      await proxy.mode('refuse')
      proxy.closeConnections()
      await expect(rates.add(key('a'), 1)).rejects.toThrow()
      await proxy.mode('pass')
      await answering(rates)
    } finally {
      await rates.close()
      await proxy.stop()
    }
  })
})
