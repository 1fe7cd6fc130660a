import { readFileSync } from 'node:fs'

/** Bytes of memory of this process that no file stands for (`RssAnon`): pages of the store’s file, which the kernel may drop, are not in it. */
function anonymousBytes(): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  if (kilobytes === undefined) throw new Error('The kernel does not tell RssAnon.')
  return Number(kilobytes) * 1024
}

/** The growth of anonymous memory since it was made, and the highest that was seen. */
export class MemoryGrowth {
  readonly #before = anonymousBytes()
  #highest = 0

  /** Looks; returns the growth now, in bytes. */
  look(): number {
    const growth = anonymousBytes() - this.#before
    this.#highest = Math.max(this.#highest, growth)
    return growth
  }

  get highest(): number {
    return this.#highest
  }
}
