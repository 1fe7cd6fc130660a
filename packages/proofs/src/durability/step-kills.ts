import { randomBytes } from 'node:crypto'
import { attachTracer, type CallTracing, type TracedThreads } from '@holdfast/testkit/system-calls'
import type { RunningService } from '@holdfast/acceptance/service'
import type { CutOffService } from './cut-off-service.ts'
import { startLedger, type Ledger } from './ledger.ts'
import { untilEnded } from './process-end.ts'

/*
 * A process that is killed leaves behind what its system calls did, and nothing else. So to kill it before each call by which it
 * does something outside of itself is to kill it at every step there is: what happens between two such calls nobody can tell apart.
 * These calls are made to its connections by the main thread, and to the buffer's file by its pool.
 */
interface Side {
  readonly name: 'connections' | 'buffer'
  readonly calls: readonly string[]
  readonly threads: TracedThreads
}
const sides: readonly Side[] = [
  { name: 'connections', calls: ['write', 'writev', 'sendto', 'sendmsg'], threads: 'main' },
  { name: 'buffer', calls: ['pwrite64', 'writev', 'pwritev', 'fdatasync'], threads: 'all' },
]

/** One step at which to kill: before the `when`th of these calls on that side. */
export interface KillStep {
  readonly side: Side['name']
  readonly call: string
  readonly when: number
}

/**
 * - `outage`: Postgres is away while the ledger is written, and comes back: from being accepted to being removed from the buffer
 * - `direct`: Postgres is there
 */
export type Scene = 'outage' | 'direct'

/** How one life ended at a step. */
export interface KilledLife {
  readonly step: KillStep
  /** Whether it was reached: the process does not make the same calls each time. */
  readonly wasKilled: boolean
  /** What is not as it was promised, as sentences. */
  readonly problems: readonly string[]
}

export interface StepKills {
  /** How many the scene has, at how many of them the service was to be killed, and at which it never arrived. */
  readonly steps: number
  readonly tried: number
  readonly missed: readonly string[]
  /** What is not as it was promised, and what keeps all of this from proving anything, as sentences. */
  readonly problems: readonly string[]
}

const endTimeoutMs = 5_000
/** A scene with fewer was not played, or not seen. */
const leastSteps: Readonly<Record<Scene, number>> = { outage: 7, direct: 3 }
/** The process does not make the same calls each time; a step that was not reached was still looked at. */
const leastShareReached = 1 / 3

/** Kills the service at every step of a scene, or at `most` of them, evenly. */
export async function killAtSteps(cutOff: CutOffService, scene: Scene, most = Number.POSITIVE_INFINITY): Promise<StepKills> {
  const steps = await findKillSteps(cutOff, scene)
  const count = Math.min(most, steps.length)
  const lives: KilledLife[] = []
  for (let index = 0; index < count; index++)
    lives.push(await killAt(cutOff, scene, steps[Math.floor(((index + 0.5) * steps.length) / count)] as KillStep))
  return stepKillsOf(scene, steps.length, lives)
}

/** What the lives of a scene with so many steps come to. */
export function stepKillsOf(scene: Scene, steps: number, lives: readonly KilledLife[]): StepKills {
  const missed = lives.filter(({ wasKilled }) => !wasKilled).map(({ step }) => nameOf(step))
  const killed = lives.length - missed.length
  return {
    steps,
    tried: lives.length,
    missed,
    problems: [
      ...(steps < leastSteps[scene] ? [`the scene has ${steps} steps, and should have ${leastSteps[scene]} or more`] : []),
      ...(killed === 0 || killed < lives.length * leastShareReached
        ? [`the service was killed at ${killed} of ${lives.length} steps`]
        : []),
      ...lives
        .filter(({ problems }) => problems.length > 0)
        .map(({ step, wasKilled, problems }) => `${wasKilled ? 'killed' : 'not killed'} before ${nameOf(step)}: ${problems.join('; ')}`),
    ],
  }
}

const nameOf = ({ side, call, when }: KillStep): string => `${call} ${when} of its ${side}`

/** Plays the scene without killing; answers the steps that it has. */
async function findKillSteps(cutOff: CutOffService, scene: Scene): Promise<readonly KillStep[]> {
  const steps: KillStep[] = []
  for (const side of sides) {
    if (side.name === 'buffer' && scene === 'direct') continue
    const { trace } = await play(cutOff, scene, { calls: side.calls, ...pathsOf(cutOff, side) }, side.threads)
    for (const call of side.calls)
      steps.push(...Array.from({ length: mostByOneThread(trace, call) }, (_, at) => ({ side: side.name, call, when: at + 1 })))
  }
  return steps
}

/** Plays the scene, kills the service at a step, starts it again, has the client send again what was not acknowledged, and compares. */
async function killAt(cutOff: CutOffService, scene: Scene, step: KillStep): Promise<KilledLife> {
  const side = sides.find(({ name }) => name === step.side) as Side
  const injection = { calls: [step.call], fault: { signal: 'KILL' }, when: String(step.when) } as const
  const { ledger, wasKilled } = await play(cutOff, scene, { injections: [injection], ...pathsOf(cutOff, side) }, side.threads)
  const problems: string[] = []
  try {
    if (wasKilled) await cutOff.service.restart()
    await ledger.settle(cutOff.api())
    await ledger.untilNothingWaits(cutOff.api())
  } catch (error) {
    problems.push(String(error))
  }
  return { step, wasKilled, problems: [...problems, ...(await ledger.audit(cutOff.databaseUrl))] }
}

interface Played {
  readonly ledger: Ledger
  readonly trace: string
  readonly wasKilled: boolean
}

async function play(cutOff: CutOffService, scene: Scene, tracing: CallTracing, threads: TracedThreads): Promise<Played> {
  const { service } = cutOff
  const ledger = startLedger(randomBytes(4).toString('hex'))
  if (scene === 'outage') await cutOff.cut()
  const tracer = await attachTracer(service.pid, tracing, threads)
  try {
    await Promise.all([ledger.makeAndRename(cutOff.api()), ledger.make(cutOff.api())])
    await cutOff.heal()
    // It rejects where the service was killed; what else is amiss will show once all is sent again.
    await ledger.untilNothingWaits(cutOff.api()).catch(() => undefined)
    return { ledger, wasKilled: await hasDied(service), trace: tracer.trace() }
  } finally {
    await cutOff.heal()
    await tracer.detach()
  }
}

/** Whether the service is gone; one that still answers is not. */
async function hasDied(service: RunningService): Promise<boolean> {
  try {
    await fetch(`${service.origin}/livez`)
    return false
  } catch {
    await untilEnded(service, endTimeoutMs)
    return true
  }
}

const pathsOf = (cutOff: CutOffService, side: Side): Pick<CallTracing, 'paths'> =>
  side.name === 'buffer' ? { paths: [cutOff.bufferFile()] } : {}

/** How often the thread that made this call most often made it. */
function mostByOneThread(trace: string, call: string): number {
  const counts = new Map<string, number>()
  for (const [, thread = ''] of trace.matchAll(new RegExp(String.raw`^(?:(\d+) +)?${call}\(`, 'gm')))
    counts.set(thread, (counts.get(thread) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}
