import { randomBytes } from 'node:crypto'
import { isOwnerGone, ownerTag } from './run-owner.ts'
import { connectRedis } from './redis-connection.ts'
import type { RedisConnection } from './redis-connection.ts'
import { sharedServerUrl } from './shared-servers.ts'

/** The prefixes in use, so that those of dead runs can be found without reading a stranger's whole key space. */
const registryKey = 'holdfast-test:prefixes'
const prefixPattern = /^holdfast-test:([0-9a-f]{6}_\d+):[0-9a-f]{8}:$/

export interface TestRedis {
  url: string
  /** Begins every key, channel and stream that the test may use. */
  prefix: string
  /** Removes every key under the prefix. */
  drop(): Promise<void>
}

/**
 * A key prefix of our own on the Redis named by `TEST_REDIS_URL`, else on one that is started for the tests. Not a
 * database number: there are 16 of them, they may hold a stranger's data, pub/sub ignores them, a Cluster has one.
 * Removes the keys of dead runs; touches no other key.
 */
export async function testRedis(): Promise<TestRedis> {
  const url = process.env['TEST_REDIS_URL'] || (await sharedServerUrl('redis'))
  const prefix = `holdfast-test:${ownerTag()}:${randomBytes(4).toString('hex')}:`
  await administer(url, async (redis) => {
    await dropDeadPrefixes(redis)
    await redis.command('SADD', registryKey, prefix)
  })
  return { url, prefix, drop: () => administer(url, (redis) => dropPrefix(redis, prefix)) }
}

async function dropDeadPrefixes(redis: RedisConnection): Promise<void> {
  const prefixes = (await redis.command('SMEMBERS', registryKey)) as string[]
  for (const prefix of prefixes) {
    const owner = prefixPattern.exec(prefix)?.[1]
    if (owner !== undefined && isOwnerGone(owner)) await dropPrefix(redis, prefix)
  }
}

async function dropPrefix(redis: RedisConnection, prefix: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, keys] = (await redis.command('SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', '1000')) as [string, string[]]
    if (keys.length > 0) await redis.command('UNLINK', ...keys)
    cursor = next
  } while (cursor !== '0')
  await redis.command('SREM', registryKey, prefix)
}

async function administer(url: string, work: (redis: RedisConnection) => Promise<void>): Promise<void> {
  const redis = await connectRedis(url)
  try {
    await work(redis)
  } finally {
    redis.close()
  }
}
