import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import type { Instance } from '@holdfast/engine/start-instance'
import type { WallClock } from './ports/clock.simulated.ts'
import type { DatabaseState } from './ports/database.simulated.ts'
import type { SimulatedDisk } from './ports/ordered-store.simulated.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** A process whose start-up is over. */
export interface Running {
  readonly process: SimulatedProcess
  readonly clock: Clock
  readonly buffer: CommandBuffer
  readonly instance: Instance
  /** The instance’s, under the eyes of the oracle. */
  readonly writes: WritePort
}

/** What outlives a process: a disk, a wall clock, and the way to the database. */
export class Machine {
  readonly name: string
  readonly disk: SimulatedDisk
  readonly wall: WallClock = { offsetMs: 0 }
  isBusLive = true
  /** The process that has begun, whether or not its start-up is over. */
  process: SimulatedProcess | null = null
  running: Running | null = null
  /** Operations that were seen as dead letters here. */
  readonly seenDead = new Set<OperationId>()
  #databaseState: DatabaseState = 'answers'
  readonly #away: { readonly from: number; to: number; isNoticed: boolean }[] = []

  constructor(name: string, disk: SimulatedDisk) {
    this.name = name
    this.disk = disk
  }

  /** A process begins. */
  begins(process: SimulatedProcess): void {
    this.process = process
  }

  get databaseState(): DatabaseState {
    return this.#databaseState
  }

  setDatabaseState(state: DatabaseState, now: number): void {
    if (this.#databaseState !== 'answers') (this.#away.at(-1) as { to: number }).to = now
    if (state !== 'answers') this.#away.push({ from: now, to: Number.POSITIVE_INFINITY, isNoticed: false })
    this.#databaseState = state
  }

  /** Its drain or its writes call the database. */
  calls(): void {
    const now = this.#away.at(-1)
    if (now !== undefined && this.#databaseState !== 'answers') now.isNoticed = true
  }

  /** For how many milliseconds the database has been there, between two times, or away and nobody here asked anything of it. */
  reachableMs(from: number, to: number): number {
    const noticed = this.#away.filter(({ isNoticed }) => isNoticed)
    return to - from - noticed.reduce((sum, away) => sum + Math.max(0, Math.min(away.to, to) - Math.max(away.from, from)), 0)
  }
}
