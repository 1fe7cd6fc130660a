import type { BusMessage } from '@holdfast/usecases/ports/bus'
import type { BusEntry } from './bus-entry.ts'

/** How many messages may wait, of all kinds; a hundred bytes each. */
const maxWaiting = 1_000

/**
 * Messages that wait to be sent, one for each owner, session and user: the newest, which says all that the older ones did. At the
 * bound everything is dropped, and that it was is remembered until it is sent.
 */
export class Outbox {
  #waiting = new Map<string, BusMessage>()
  #hasMissed = false

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && !this.#hasMissed
  }

  add(message: BusMessage): void {
    const key = keyOf(message)
    // In last place: an older message of the same key is said again, later.
    this.#waiting.delete(key)
    this.#waiting.set(key, message)
    if (this.#waiting.size <= maxWaiting) return
    this.#waiting.clear()
    this.#hasMissed = true
  }

  /** Everything that waits, which waits no longer. */
  take(): BusEntry {
    const entry = { hasMissed: this.#hasMissed, messages: [...this.#waiting.values()] }
    this.#waiting.clear()
    this.#hasMissed = false
    return entry
  }

  /** What was taken and perhaps not sent waits again, before what came since. */
  putBack({ hasMissed, messages }: BusEntry): void {
    const since = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#hasMissed ||= hasMissed
    for (const message of [...messages, ...since]) this.add(message)
  }
}

const keyOf = (message: BusMessage): string =>
  message.kind === 'generation' ? message.owner : `revoked ${message.user} ${message.session ?? ''}`
