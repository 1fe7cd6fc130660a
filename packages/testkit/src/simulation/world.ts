import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { createDatabaseGate } from '@holdfast/engine/database-gate'
import { serverDeadlines } from '@holdfast/engine/deadlines'
import { startInstance } from '@holdfast/engine/start-instance'
import type { Log } from '@holdfast/usecases/ports/log'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { noFaults, type FaultRates } from './faults.ts'
import { Machine } from './machine.ts'
import { Oracle } from './oracle/oracle.ts'
import { SimulatedBus } from './ports/bus.simulated.ts'
import { simulatedClock } from './ports/clock.simulated.ts'
import { SimulatedDatabase } from './ports/database.simulated.ts'
import { SimulatedDisk } from './ports/ordered-store.simulated.ts'
import type { PortDefect } from './port-defects.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Settings } from './settings.ts'
import { SimulatedProcess } from './simulated-process.ts'

/** As `croner` does it in the service. */
const drainIntervalMs = 30_000

/** How often the oracle looks into every buffer. */
const lookIntervalMs = 5_000

/** Everything that one run consists of, and the real start-up path of its instances. */
export class World {
  readonly scheduler: Scheduler
  readonly settings: Settings
  readonly oracle: Oracle
  readonly database: SimulatedDatabase
  readonly machines: readonly Machine[]
  faults: FaultRates
  readonly #bus: SimulatedBus
  readonly #random: Random
  readonly #defect: PortDefect | null
  /** How many were begun. */
  processes = 0

  constructor(scheduler: Scheduler, settings: Settings, random: Random, defect: PortDefect | null) {
    this.scheduler = scheduler
    this.settings = settings
    this.faults = settings.faults
    this.#defect = defect
    this.#random = random.fork()
    this.oracle = new Oracle(scheduler, settings, serverDeadlines.writeMs)
    this.database = new SimulatedDatabase(scheduler, random.fork(), this.oracle)
    this.#bus = new SimulatedBus(scheduler, random.fork())
    this.machines = ['A', 'B', 'C']
      .slice(0, settings.machines)
      .map((name) => new Machine(name, new SimulatedDisk(commandBufferCollections, random.fork(), () => this.faults.disk)))
    this.#lookAround()
  }

  /** From now on nothing fails, and what has failed is well again. */
  endFaults(): void {
    this.faults = noFaults
    this.database.locked.clear()
    for (const machine of this.machines) {
      machine.isBusLive = true
      machine.setDatabaseState('answers', this.scheduler.now)
    }
  }

  /** Begins a process on a machine; when it has ended, another one. */
  start(machine: Machine): void {
    const process = new SimulatedProcess(`${machine.name}${++this.processes}`, this.scheduler, this.#random.fork(), () => this.faults.cuts)
    machine.begins(process)
    process.atEnd(() => {
      machine.process = null
      machine.running = null
      this.scheduler.after(this.#random.between(50, this.faults === noFaults ? 500 : 10_000), () => this.start(machine))
    })
    process.note('starts', `wall clock ${machine.wall.offsetMs}`)
    this.#run(machine, process).catch((error: unknown) => {
      if (!process.isAlive) return
      // The service ends itself where its disk cannot be written, and is started again.
      if (error instanceof OrderedStoreError) process.cut(`cannot start: ${error.failure}`)
      else this.oracle.fail(error)
    })
  }

  async #run(machine: Machine, process: SimulatedProcess): Promise<void> {
    const { settings, database, oracle, scheduler } = this
    const databaseMood = () => ({ state: machine.databaseState, faults: this.faults.calls })
    const log = logTo(process)
    const clock = simulatedClock(process, scheduler, machine.wall, this.#random.fork())
    const disk = machine.disk.open(process)
    const store = this.#defect?.store?.(disk) ?? disk
    const operationStore = database.connect(process, databaseMood)
    const opened = await openCommandBuffer({ store, clock, log, limits: settings.bufferLimits })
    const buffer = this.#defect?.buffer?.(opened) ?? opened
    const instance = await startInstance({
      buffer: oracle.watchBuffer(machine, process, buffer),
      bus: this.#bus.connect(process, () => ({ isLive: machine.isBusLive, faults: this.faults.network })),
      clock,
      log,
      operationStore: this.#defect?.operationStore?.(operationStore, buffer) ?? operationStore,
      gate: createDatabaseGate(clock, serverDeadlines),
      sessions: database.sessions(process, databaseMood),
      deadlines: serverDeadlines,
      expiry: settings.expiry,
    })
    // It may have been cut by its last call, and what a disk looks like before a start repairs it is nobody’s business.
    if (!process.isAlive) return
    const writes = this.#defect?.writes?.(instance.writes) ?? instance.writes
    machine.running = { process, clock, buffer, instance, writes: oracle.watchWrites(machine, process, writes, buffer) }
    oracle.look(machine)
    process.note('runs', instance.id)
    const tick = (): void => {
      instance.drain.tick().catch((error: unknown) => process.isAlive && oracle.fail(error))
      process.after(drainIntervalMs, tick)
    }
    process.after(drainIntervalMs, tick)
  }

  #lookAround(): void {
    for (const machine of this.machines) this.oracle.look(machine)
    this.scheduler.after(lookIntervalMs, () => this.#lookAround())
  }
}

/** Into the trace. */
function logTo(process: SimulatedProcess): Log {
  const log: Log = {
    debug: () => undefined,
    info: (message) => process.note('logs', message),
    warn: (message) => process.note('logs', message),
    error: (message) => process.note('logs', message),
    child: () => log,
  }
  return log
}
