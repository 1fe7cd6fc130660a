import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ThrowAwayServer } from '@holdfast/testkit/throw-away-server'
import { pendingAt, untilDrained, untilWell } from '@holdfast/acceptance/drained'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import { inParallel, logIn } from '@holdfast/acceptance/people'
import type { RunningService } from '@holdfast/acceptance/service'
import { auditLedger } from './ledger-audit.ts'
import { startLedgerWriters, type Ledger } from './ledger-writers.ts'
import { findUnapplied } from './repeated-create.ts'
import { unexpectedErrorsIn } from './unexpected-errors.ts'

export interface OutageRun {
  /** Keeps its origin over restarts. */
  readonly service: RunningService
  /** Where the service keeps its tasks; nothing else may use it. */
  readonly postgres: ThrowAwayServer
  /** Of the outage. */
  readonly seconds: number
  /** How often the service is killed meanwhile, evenly. */
  readonly kills: number
}

export interface OutageReport {
  /** Empty if all is well. */
  readonly problems: readonly string[]
  /** The figures, for people. */
  readonly lines: readonly string[]
}

const writers = 64
const people = 16
const beforeMs = 1_000
const afterMs = 1_000
const leastDrainTimeoutMs = 30_000
/** Far below what the slowest machine makes of 64 writers: a run with less proves nothing. */
const leastBufferedPerSecond = 70

/** Has 64 writers write while Postgres is away and the service is killed, and then compares what they were told with what is there. */
export async function runOutage({ service, postgres, seconds, kills }: OutageRun): Promise<OutageReport> {
  const { origin } = service
  const run = randomBytes(4).toString('hex')
  const loggedIn = await inParallel(Array.from({ length: people }), 4, () => logIn(origin, restDriver(origin)))
  const accessTokens = loggedIn.map(({ tokens }) => tokens.accessToken)
  let isDown = false
  const writing = startLedgerWriters({ origin, accessTokens, count: writers, run, isDown: () => isDown })
  await sleep(beforeMs)

  await postgres.kill('SIGQUIT')
  const [cutAt, bufferedBefore] = [performance.now(), writing.ledger.buffered]
  let downMs = 0
  for (let kill = 1; kill <= kills; kill++) {
    await sleepUntil(cutAt + (seconds * 1000 * kill) / (kills + 1))
    const downAt = performance.now()
    isDown = true
    await service.kill9()
    await service.restart()
    isDown = false
    downMs += performance.now() - downAt
  }
  await sleepUntil(cutAt + seconds * 1000)
  const rate = Math.round(((writing.ledger.buffered - bufferedBefore) * 1000) / (performance.now() - cutAt - downMs))
  await postgres.restart()
  const backAt = performance.now()
  const pending = await pendingAt(origin)
  await sleep(afterMs)
  await writing.stop()
  const problems = await ending(origin, Math.max(leastDrainTimeoutMs, seconds * 1000))
  const drainedMs = performance.now() - backAt
  const { ledger } = writing
  return {
    problems: [
      ...ledger.problems,
      ...idleness(ledger, seconds),
      ...problems,
      ...(await auditLedger(postgres.url, run, ledger.tasks)),
      ...(await findUnapplied(postgres.url, ledger.bufferedAnew)),
      ...unexpectedErrorsIn(service.log()),
    ],
    lines: figures(ledger, { rate, downMs, pending, drainedMs }),
  }
}

/** Of what the run proves nothing, as sentences. */
export const idleness = ({ acknowledged, buffered }: Pick<Ledger, 'acknowledged' | 'buffered'>, seconds: number): readonly string[] => [
  ...(acknowledged > buffered ? [] : ['nothing was committed before the outage or after it']),
  ...(buffered >= seconds * leastBufferedPerSecond ? [] : [`only ${buffered} writes were buffered in ${seconds} s`]),
]

const sleepUntil = (at: number): Promise<void> => sleep(Math.max(0, at - performance.now()))

/** What hinders the end, as sentences. */
async function ending(origin: string, drainTimeoutMs: number): Promise<readonly string[]> {
  try {
    await untilDrained(origin, drainTimeoutMs)
    await untilWell(origin)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

interface Rates {
  /** Writes a second that were acknowledged as buffered in the outage, while the service was up. */
  readonly rate: number
  /** For how long it was not. */
  readonly downMs: number
  /** How many waited when Postgres was back, and how long it took until none did. */
  readonly pending: number
  readonly drainedMs: number
}

function figures(ledger: Ledger, { rate, downMs, pending, drainedMs }: Rates): readonly string[] {
  const { acknowledged, buffered, replays, refusals, slowestMs, tasks } = ledger
  const byName = [...refusals].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return [
    `${acknowledged} writes of ${tasks.length} tasks acknowledged to ${writers} writers, ${buffered} as buffered, ${replays} as replays`,
    `${rate} a second were buffered in the outage while the service was up`,
    `while it was down, ${Math.round(downMs)} ms in all: ${byName.map(([name, count]) => `${count} × ${name}`).join(', ') || 'no refusals'}`,
    `slowest answer ${Math.round(slowestMs)} ms`,
    `${pending} waited when Postgres was back; all were applied ${Math.round(drainedMs)} ms later (${Math.round((pending * 1000) / drainedMs)} a second, amid new writes)`,
  ]
}
