import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** What a call of a port comes to for the process that makes it: it may be the last thing that it does. */
export type CallFate = 'runs' | 'is cut before' | 'is cut after'

/** How likely a process is cut at one call. Off the write path calls are many, and cuts there tell little. */
export interface CutChances {
  readonly write: number
  readonly other: number
}

/**
 * One life of an instance, from its start-up to its end. Once it has ended its ports do nothing: what it still waits for never comes,
 * what it still calls has no effect, and nobody hears its answers.
 */
export class SimulatedProcess {
  readonly name: string
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #chances: () => CutChances
  readonly #ends: (() => void)[] = []
  #isAlive = true

  constructor(name: string, scheduler: Scheduler, random: Random, chances: () => CutChances) {
    this.name = name
    this.#scheduler = scheduler
    this.#random = random
    this.#chances = chances
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** To be run at its end, whatever that is. */
  atEnd(run: () => void): void {
    this.#ends.push(run)
  }

  /** As `kill -9` or the power: nothing is told to anybody. */
  cut(why: string): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.note('is cut', why)
    for (const end of this.#ends) end()
  }

  note(event: string, detail: string): void {
    this.#scheduler.note(`${this.name} ${event}`, detail)
  }

  /** Runs it after so many milliseconds, if the process still lives by then. */
  after(ms: number, run: () => void): void {
    this.#scheduler.after(ms, () => {
      if (this.#isAlive) run()
    })
  }

  /** Decides what becomes of the process at a call. The caller lets `is cut after` take effect, and then calls `cut`. */
  fateOf(port: string, kind: keyof CutChances): CallFate {
    if (!this.#random.chance(this.#chances()[kind])) return 'runs'
    if (this.#random.chance(0.5)) return 'is cut after'
    this.cut(`before ${port}`)
    return 'is cut before'
  }

  /** For calls that answer at once and change nothing durable: they are answered, and perhaps the process is no more. */
  passes(port: string): void {
    if (this.#isAlive && this.fateOf(port, 'other') === 'is cut after') this.cut(`at ${port}`)
  }
}

/** What a process waits for that is no more. */
export const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined)
