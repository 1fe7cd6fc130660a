import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '@holdfast/testkit/wait-until'
import { restDriver } from '../driver.rest.ts'
import { inParallel, logIn } from '../people.ts'
import { send } from '../rest-request.ts'
import type { RunningService } from '../service.ts'
import { startKeyedWriters, type WriterRecord } from './keyed-writers.ts'
import { startBackendKiller, startRedisKiller } from './killers.ts'
import { auditTasks, type TaskAudit } from './task-audit.ts'

export interface KillProbe {
  readonly service: Pick<RunningService, 'origin' | 'log'>
  /** Where the service keeps its tasks; nothing else may use it. */
  readonly databaseUrl: string
  /** Whose connections are killed; `redis`: an URL of a Redis that nothing else uses. */
  readonly kill: { readonly backends: boolean; readonly redis: string | null }
  readonly seconds: number
  /** What takes longer hangs. A write gives up after 0.4 s; the rest is for a busy machine. */
  readonly longestCallMs: number
}

export interface KillProbeReport {
  /** Empty if all is well. */
  readonly problems: readonly string[]
  /** The figures, for people. */
  readonly lines: readonly string[]
  readonly acknowledged: number
  readonly killed: { readonly backends: number; readonly redis: number }
}

const writers = 64
const people = 8
const longestRecoveryMs = 5_000

/** Has 64 writers write while connections of the service are killed every 50 ms, and then compares what they were told with what is there. */
export async function runKillProbe({ service, databaseUrl, kill, seconds, longestCallMs }: KillProbe): Promise<KillProbeReport> {
  const { origin } = service
  const nobody = restDriver(origin)
  const run = randomBytes(4).toString('hex')
  const loggedIn = await inParallel(Array.from({ length: people }), people, () => logIn(origin, nobody))
  const accessTokens = loggedIn.map(({ tokens }) => tokens.accessToken)
  const loggedBefore = service.log().length

  const startedAt = performance.now()
  const writing = startKeyedWriters({ origin, accessTokens, count: writers, run })
  const backendKiller = kill.backends ? startBackendKiller(databaseUrl) : null
  const redisKiller = kill.redis === null ? null : await startRedisKiller(kill.redis)
  await sleep(seconds * 1000)
  const [backends, redis] = await Promise.all([backendKiller?.stop() ?? 0, redisKiller?.stop() ?? 0])
  await writing.stop()
  const elapsedMs = performance.now() - startedAt

  const recovery = await recoveryProblems(origin)
  const audit = await auditTasks(databaseUrl, run, writing.record.acknowledged)
  const logged = unexpectedErrorsIn(service.log().slice(loggedBefore))
  const { problems, slowestMs, acknowledged } = writing.record
  const slow = slowestMs > longestCallMs ? [`the slowest call took ${Math.round(slowestMs)} ms, over ${longestCallMs} ms`] : []
  return {
    problems: [...problems, ...slow, ...recovery, ...logged, ...audit.problems],
    lines: figures(writing.record, audit, { backends, redis }, elapsedMs),
    acknowledged: acknowledged.size,
    killed: { backends, redis },
  }
}

function figures(record: WriterRecord, audit: TaskAudit, killed: KillProbeReport['killed'], elapsedMs: number): readonly string[] {
  const { acknowledged, refusals, replays, repeated, readBack, slowestMs } = record
  const byName = [...refusals].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const rate = Math.round((acknowledged.size * 1000) / elapsedMs)
  return [
    `${acknowledged.size} tasks acknowledged (${rate} a second) by ${writers} writers, ${replays} of them as replays`,
    `${repeated} of them sent again and answered the same, ${readBack} read`,
    `connections killed: ${killed.backends} of Postgres, ${killed.redis} of Redis`,
    `refusals: ${byName.map(([name, count]) => `${count} × ${name}`).join(', ') || 'none'}`,
    `slowest call ${Math.round(slowestMs)} ms`,
    `in the database: ${audit.tasks} tasks of this run, ${audit.operations} operations on tasks of all runs`,
  ]
}

/** All is well again soon after the last kill. */
async function recoveryProblems(origin: string): Promise<readonly string[]> {
  const isWell = async (): Promise<true | undefined> =>
    ((await send(origin, { method: 'GET', path: '/health' })).json as { readonly status?: string } | undefined)?.status === 'pass' ||
    undefined
  try {
    await waitUntil(isWell, { timeoutMs: longestRecoveryMs, everyMs: 50, problem: () => '' })
    return []
  } catch {
    return [`/health is not \`pass\` ${longestRecoveryMs} ms after the last kill`]
  }
}

/** A call to the database that failed, and was answered so. */
const isExpected = (line: string): boolean => {
  const { message, error } = JSON.parse(line) as { readonly message: string; readonly error?: { readonly name: string } }
  return error?.name === 'StoreError' && !message.includes('nobody caught')
}

/** What else the service logged as an error; what nobody caught is among it. */
const unexpectedErrorsIn = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) => /"level":"(?:error|fatal)"/.test(line) && !isExpected(line))
    .slice(0, 5)
    .map((line) => `the service logged: ${line.slice(0, 1_000)}`)
