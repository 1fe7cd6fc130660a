import { createHash } from 'node:crypto'

/** All that happened in one run, as a hash: equal hashes, equal runs. */
export interface Trace {
  /** `event` and what it was called with or came to; short, and without anything from outside of the simulation. */
  add(atMs: number, event: string, detail: string): void
  /** How many lines there were, and their hash. Ends the trace. */
  end(): { readonly lines: number; readonly hash: string }
}

/** `tell`, if given, hears every line. */
export function createTrace(tell: ((line: string) => void) | null): Trace {
  const hash = createHash('sha256')
  let lines = 0
  return {
    add(atMs, event, detail) {
      lines += 1
      const line = `${atMs.toFixed(3)} ${event} ${detail}`
      hash.update(line).update('\n')
      tell?.(line)
    },
    end: () => ({ lines, hash: hash.digest('hex') }),
  }
}
