import type { UserId } from '@holdfast/domain/identifiers'
import { uuidV7 } from '@holdfast/domain/uuid'
import { Client } from './clients/client.ts'
import { knowsNothing } from './clients/known-entities.ts'
import { judgeEnd, undrained } from './oracle/final-rules.ts'
import { Violation } from './oracle/violation.ts'
import { beganAt } from './ports/clock.simulated.ts'
import type { PortDefect } from './port-defects.ts'
import { createRandom, type Random } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { drawSettings } from './settings.ts'
import { createTrace } from './trace.ts'
import { letFaultsHappen } from './weather.ts'
import { World } from './world.ts'

export interface SimulationResult {
  readonly seed: number
  /** Of everything that happened: the same seed has the same, always. */
  readonly traceHash: string
  readonly events: number
  readonly virtualMs: number
  /** The first promise that was broken. */
  readonly violation: Violation | null
  readonly counts: {
    readonly operations: number
    readonly committed: number
    readonly buffered: number
    readonly drained: number
    readonly deadLetters: number
    readonly processes: number
  }
}

export interface SimulationOptions {
  /** Hears every line of the trace. */
  readonly tell?: (line: string) => void
  readonly defect?: PortDefect
}

/** How long clients may take beyond their time to get their last answers, and drains to drain, in virtual milliseconds. */
const lastAnswersMs = 120_000
const drainedMs = 180_000

/**
 * Runs several instances and their clients through one history of faults, all of it drawn from the seed, and judges it. Reads no clock
 * and starts no timer of the machine: one seed is one run, bit for bit.
 */
export async function simulate(seed: number, { tell, defect }: SimulationOptions = {}): Promise<SimulationResult> {
  const random = createRandom(seed)
  const trace = createTrace(tell ?? null)
  const scheduler = new Scheduler(trace)
  const world = new World(scheduler, drawSettings(random), random, defect ?? null)
  const { oracle } = world
  const onRejection = (reason: unknown): void => oracle.fail(reason)
  process.on('unhandledRejection', onRejection)
  try {
    await runThrough(world, random)
  } catch (error) {
    oracle.fail(error)
  } finally {
    process.off('unhandledRejection', onRejection)
  }
  const operations = [...oracle.history.operations.values()]
  const recorded = operations.flatMap((operation) => operation.recorded ?? [])
  const acknowledgedAs = (durability: string) =>
    operations.filter(({ acknowledgements }) => acknowledgements.some((one) => one.durability === durability))
  return {
    seed,
    traceHash: trace.end().hash,
    events: scheduler.events,
    virtualMs: scheduler.now,
    violation: oracle.violation,
    counts: {
      operations: operations.length,
      committed: acknowledgedAs('committed').length,
      buffered: acknowledgedAs('buffered').length,
      drained: recorded.filter(({ write }) => write.acknowledgedAs === 'buffered').length,
      deadLetters: operations.filter(({ deaths }) => deaths.length > 0).length,
      processes: world.processes,
    },
  }
}

async function runThrough(world: World, random: Random): Promise<void> {
  const { scheduler, oracle, machines, settings } = world
  for (const machine of machines) world.start(machine)
  letFaultsHappen(world, random.fork())
  const clients = startClients(world, random.fork())
  let isAnswered = false
  clients.then(
    () => (isAnswered = true),
    (error: unknown) => oracle.fail(error),
  )
  const isBroken = (): boolean => oracle.violation !== null
  await scheduler.run(settings.activeMs, isBroken)
  world.endFaults()
  scheduler.note('faults', 'end')
  await scheduler.run(scheduler.now + lastAnswersMs, () => isBroken() || isAnswered)
  await scheduler.run(scheduler.now + drainedMs, () => isBroken() || machines.every((machine) => isQuiet(world, machine)))
  if (isBroken()) return
  const waiting = machines.flatMap((machine) => undrained(oracle.history, machine))
  if (!isAnswered) waiting.push('a client still waits')
  if (waiting.length > 0) throw new Violation('progress', waiting.join('; '))
  for (const machine of machines) oracle.look(machine)
  oracle.judge(() => judgeEnd(oracle.history, machines, world.database, random))
}

/** Looked at after every event, and so the cheap question first. */
const isQuiet = ({ oracle }: World, machine: Parameters<typeof undrained>[1]): boolean =>
  machine.running !== null && (machine.running.buffer.level().count === 0 || undrained(oracle.history, machine).length === 0)

async function startClients(world: World, random: Random): Promise<void> {
  const { settings, machines } = world
  const users = Array.from({ length: settings.users }, () => knowsNothing(uuidV7(beganAt, random.bytes(10)) as UserId))
  const share = Math.ceil(settings.commands / settings.clients)
  const clients = Array.from({ length: settings.clients }, (_none, index) => {
    const known = users[index % users.length] as (typeof users)[number]
    return new Client(world, random.fork(), known, machines[index % machines.length] as (typeof machines)[number])
  })
  await Promise.all(clients.map((client) => client.act(share)))
}
