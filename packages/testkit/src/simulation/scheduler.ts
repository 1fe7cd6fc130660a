import { EventQueue } from './event-queue.ts'
import type { Trace } from './trace.ts'

/** More events than any run has that goes on: beyond them something turns in circles. */
const maxEvents = 400_000

/**
 * Virtual time. Nothing happens but queued events, one after the other; after each one all that it set free runs to its end, in a
 * real turn of the event loop, before the next: so the order of everything follows from the events alone.
 */
export class Scheduler {
  readonly trace: Trace
  readonly #queue = new EventQueue()
  #now = 0
  #sequence = 0
  #events = 0

  constructor(trace: Trace) {
    this.trace = trace
  }

  /** Milliseconds since the run began. */
  get now(): number {
    return this.#now
  }

  get events(): number {
    return this.#events
  }

  note(event: string, detail: string): void {
    this.trace.add(this.#now, event, detail)
  }

  /** Runs it after so many milliseconds. What it throws ends the run. */
  after(ms: number, run: () => void): void {
    this.#queue.push({ at: this.#now + Math.max(0, ms), sequence: ++this.#sequence, run })
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Runs events until it is done, or until that time, which is then now. Throws if it turns in circles. */
  async run(untilMs: number, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const next = this.#queue.first()
      if (next === undefined || next.at > untilMs) {
        this.#now = Math.max(this.#now, untilMs)
        return
      }
      this.#queue.take()
      this.#now = next.at
      this.#events += 1
      if (this.#events > maxEvents) throw new Error(`More than ${maxEvents} events: something turns in circles`)
      next.run()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
