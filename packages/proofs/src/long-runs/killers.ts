import { setTimeout as sleep } from 'node:timers/promises'
import { connectRedis } from '@holdfast/testkit/redis-connection'
import postgres from 'postgres'

const everyMs = 50

/** Something that ends connections of the service, again and again. */
export interface Killer {
  /** Ends the killing; resolves with how many connections were killed. Rejects if a strike failed. */
  stop(): Promise<number>
}

/** Every 50 ms ends up to two connections of others to this database, any two, by `pg_terminate_backend`. */
export function startBackendKiller(databaseUrl: string): Killer {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => {} })
  const strike = async (): Promise<number> => {
    const struck = await sql<{ isKilled: boolean }[]>`
      select pg_terminate_backend(pid) as "isKilled" from (
        select pid from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        order by random() limit 2
      ) as victims`
    return struck.filter(({ isKilled }) => isKilled).length
  }
  return strikeAgainAndAgain(strike, () => sql.end({ timeout: 5 }))
}

/** Every 50 ms ends all connections of others to this Redis. */
export async function startRedisKiller(redisUrl: string): Promise<Killer> {
  const redis = await connectRedis(redisUrl)
  const strike = async (): Promise<number> => Number(await redis.command('CLIENT', 'KILL', 'TYPE', 'normal'))
  return strikeAgainAndAgain(strike, async () => redis.close())
}

function strikeAgainAndAgain(strike: () => Promise<number>, close: () => Promise<void>): Killer {
  let killed = 0
  let isStopping = false
  const strikes = async (): Promise<void> => {
    let nextAt = performance.now()
    while (!isStopping) {
      killed += await strike()
      const now = performance.now()
      nextAt = Math.max(nextAt + everyMs, now)
      await sleep(nextAt - now)
    }
  }
  const striking = strikes()
  // A failed strike is told by `stop`.
  striking.catch(() => {})
  return {
    async stop() {
      isStopping = true
      try {
        await striking
      } finally {
        await close()
      }
      return killed
    },
  }
}
