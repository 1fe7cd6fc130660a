import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWhen, redisAvailability } from './availability.ts'
import { connectRedis } from './redis-connection.ts'
import type { RedisConnection } from './redis-connection.ts'
import { testRedis } from './redis-keyspace.ts'
import type { TestRedis } from './redis-keyspace.ts'
import { ownerTag } from './run-owner.ts'

describeWhen(redisAvailability(), 'keys for a test', () => {
  let mine: TestRedis
  let other: TestRedis
  let redis: RedisConnection
  beforeAll(async () => {
    mine = await testRedis()
    other = await testRedis()
    redis = await connectRedis(mine.url)
  })
  afterAll(async () => {
    await mine?.drop()
    await other?.drop()
    redis?.close()
  })

  test('are under a prefix of their own, and only they are dropped', async () => {
    expect(mine.prefix).not.toBe(other.prefix)
    for (let index = 0; index < 1_500; index++) await redis.command('SET', `${mine.prefix}${index}`, 'x')
    await redis.command('SET', `${other.prefix}kept`, 'x')
    await mine.drop()
    expect(await redis.command('EXISTS', `${mine.prefix}0`, `${mine.prefix}1499`)).toBe(0)
    expect(await redis.command('EXISTS', `${other.prefix}kept`)).toBe(1)
    expect(await redis.command('SMEMBERS', 'holdfast-test:prefixes')).not.toContain(mine.prefix)
  })

  test('of dead runs are removed, those of others are not', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const dead = `holdfast-test:${ownerTag().split('_')[0]}_${pid}:00c0ffee:`
    const elsewhere = `holdfast-test:ffffff_${pid}:00c0ffee:`
    for (const prefix of [dead, elsewhere]) {
      await redis.command('SADD', 'holdfast-test:prefixes', prefix)
      await redis.command('SET', `${prefix}left`, 'x')
    }
    await (await testRedis()).drop()
    expect(await redis.command('EXISTS', `${dead}left`)).toBe(0)
    expect(await redis.command('EXISTS', `${elsewhere}left`)).toBe(1)
    await redis.command('UNLINK', `${elsewhere}left`)
    await redis.command('SREM', 'holdfast-test:prefixes', elsewhere)
  })

  test('an error of the server is thrown, and the connection goes on', async () => {
    await expect(redis.command('NONSENSE')).rejects.toThrow(/Redis says: .*NONSENSE/)
    expect(await redis.command('PING')).toBe('PONG')
  })
})
