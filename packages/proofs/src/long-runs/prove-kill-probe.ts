import { startPostgres } from '@holdfast/testkit/postgres'
import { startRedis } from '@holdfast/testkit/redis'
import { emptyDatabase, startService } from '@holdfast/acceptance/service'
import { runKillProbe, type KillProbe } from './kill-probe.ts'

const longestCallMs = 2_000

/** The three parts of the kill probe, one after the other. Answers whether all is as promised. */
export async function proveKillProbe(seconds: number, print: (line: string) => void): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const databaseUrl = await openDatabase(opened)
  const redis = await startRedis()
  opened.defer(() => redis.stop())
  const service = await startService({ storage: { url: databaseUrl } })
  opened.defer(() => service.dispose())

  let isGood = true
  const prove = async (name: string, kill: KillProbe['kill']): Promise<void> => {
    print(`\n${name}, ${seconds} s:`)
    const { lines, problems } = await runKillProbe({ service, databaseUrl, kill, seconds, longestCallMs })
    for (const line of lines) print(`  ${line}`)
    for (const problem of problems) print(`  WRONG: ${problem}`)
    if (problems.length === 0) print('  as promised')
    else isGood = false
  }
  await prove('backends of Postgres killed, no Redis', { backends: true, redis: null })
  await service.restart({ REDIS_URL: redis.url })
  await prove('connections to Redis killed', { backends: false, redis: redis.url })
  await prove('both killed', { backends: true, redis: redis.url })
  return isGood
}

/** An empty database on the named server, else a server of our own. */
async function openDatabase(opened: AsyncDisposableStack): Promise<string> {
  if ((process.env['TEST_DATABASE_URL'] ?? '') === '') {
    const server = await startPostgres()
    opened.defer(() => server.stop())
    return server.url
  }
  const database = await emptyDatabase()
  opened.defer(() => database.drop())
  return database.url
}
