import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { untilDrained, untilWell } from '@holdfast/acceptance/drained'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { inParallel, logIn } from '@holdfast/acceptance/people'
import type { RunningService } from '@holdfast/acceptance/service'
import { startKeyedWriters, type WriterRecord } from './keyed-writers.ts'
import { startBackendKiller, startRedisKiller } from './killers.ts'
import { findUnapplied } from './repeated-create.ts'
import { auditTasks, type TaskAudit } from './task-audit.ts'
import { unexpectedErrorsIn } from './unexpected-errors.ts'

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
  /** How many tasks were acknowledged as buffered. */
  readonly buffered: number
}

const writers = 64
const people = 8
/** The gate tries again every 5 s at the latest; then what waits is drained. */
const longestRecoveryMs = 10_000
/** Far below what the slowest machine makes of 64 writers: a run with less proves nothing. */
const leastPerSecond = 50
/** Few: behind an open gate there are no connections to Postgres but the probe’s. */
const leastKilled = { backends: 3, redis: 11 } as const

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
  const buffered = bufferedIn(writing.record)
  const audit = await auditTasks(databaseUrl, run, writing.record.acknowledged)
  const logged = unexpectedErrorsIn(service.log().slice(loggedBefore))
  const { problems, slowestMs, acknowledged, bufferedAnew } = writing.record
  const slow = slowestMs > longestCallMs ? [`the slowest call took ${Math.round(slowestMs)} ms, over ${longestCallMs} ms`] : []
  return {
    problems: [
      ...problems,
      ...slow,
      ...harmlessness(kill, { acknowledged: acknowledged.size, buffered, backends, redis }, seconds),
      ...recovery,
      ...logged,
      ...audit.problems,
      ...(await findUnapplied(databaseUrl, bufferedAnew)),
    ],
    lines: figures(writing.record, audit, { backends, redis }, elapsedMs),
    buffered,
  }
}

/** What was done, and what was killed. */
export interface ProbeCounts {
  readonly acknowledged: number
  /** How many of these as buffered. */
  readonly buffered: number
  readonly backends: number
  readonly redis: number
}

/** Of what the probe proves nothing, as sentences. */
export function harmlessness(kill: KillProbe['kill'], counts: ProbeCounts, seconds: number): readonly string[] {
  const { acknowledged, buffered, backends, redis } = counts
  return [
    ...(acknowledged > seconds * leastPerSecond ? [] : [`only ${acknowledged} tasks were acknowledged in ${seconds} s`]),
    ...(kill.backends && backends < leastKilled.backends ? [`only ${backends} connections to Postgres were killed`] : []),
    ...(kill.backends && buffered === 0 ? ['nothing was buffered'] : []),
    ...(kill.redis !== null && redis < leastKilled.redis ? [`only ${redis} connections to Redis were killed`] : []),
  ]
}

function figures(
  record: WriterRecord,
  audit: TaskAudit,
  killed: Pick<ProbeCounts, 'backends' | 'redis'>,
  elapsedMs: number,
): readonly string[] {
  const { acknowledged, refusals, replays, repeated, readBack, bufferedAnew, slowestMs } = record
  const byName = [...refusals].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const rate = Math.round((acknowledged.size * 1000) / elapsedMs)
  return [
    `${acknowledged.size} tasks acknowledged (${rate} a second) by ${writers} writers, ${bufferedIn(record)} as buffered, ${replays} as replays`,
    `${repeated} of them sent again, ${bufferedAnew.length} of these buffered anew once drained, ${readBack} read`,
    `connections killed: ${killed.backends} of Postgres, ${killed.redis} of Redis`,
    `refusals: ${byName.map(([name, count]) => `${count} × ${name}`).join(', ') || 'none'}`,
    `slowest call ${Math.round(slowestMs)} ms`,
    `in the database: ${audit.tasks} tasks of this run, ${audit.operations} operations on tasks of all runs`,
  ]
}

const bufferedIn = ({ acknowledged }: WriterRecord): number =>
  [...acknowledged.values()].filter(({ durability }) => durability === 'buffered').length

/** All is well again soon after the last kill, and nothing waits. */
async function recoveryProblems(origin: string): Promise<readonly string[]> {
  try {
    await untilDrained(origin)
    await untilWell(origin, longestRecoveryMs)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}
