import type { InstanceId } from '../identifiers/identifiers.ts'
import { counterOf, makeStamp, maxCounter, millisecondsOf, type Stamp } from './stamp.ts'

/**
 * Gives out stamps, each later than every stamp given out or received before, whatever the physical clock does.
 *
 * A physical clock that steps back only makes the counter rise; one that steps forward moves the stamps with it.
 */
export class HybridClock {
  readonly #instance: InstanceId
  readonly #physicalNow: () => number
  #milliseconds = 0
  #counter = 0

  /** `physicalNow` gives milliseconds since 1970; `after` is the last stamp known from before a restart, if any. */
  constructor(instance: InstanceId, physicalNow: () => number, after: Stamp | null = null) {
    this.#instance = instance
    this.#physicalNow = physicalNow
    this.receive(after)
  }

  /** Of the latest stamp that was given out or received: milliseconds since 1970. */
  get milliseconds(): number {
    return this.#milliseconds
  }

  /** A new stamp, later than all that this clock has seen. */
  next(): Stamp {
    const physical = Math.trunc(this.#physicalNow())
    if (physical > this.#milliseconds) {
      this.#milliseconds = physical
      this.#counter = 0
    } else if (this.#counter < maxCounter) this.#counter += 1
    else {
      this.#milliseconds += 1
      this.#counter = 0
    }
    return makeStamp(this.#milliseconds, this.#counter, this.#instance)
  }

  /** Takes note of a stamp read anywhere, so that what is stamped next counts as later than it. */
  receive(stamp: Stamp | null): void {
    if (stamp === null) return
    const milliseconds = millisecondsOf(stamp)
    const counter = counterOf(stamp)
    if (milliseconds > this.#milliseconds || (milliseconds === this.#milliseconds && counter > this.#counter)) {
      this.#milliseconds = milliseconds
      this.#counter = counter
    }
  }
}
