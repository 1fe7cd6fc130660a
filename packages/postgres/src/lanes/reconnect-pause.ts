/** How long a lane waits between attempts to connect: 25 ms at first, doubling to 200 ms, each shortened by chance up to one half. */
const firstMs = 25
const longestMs = 200

/** Keeps a lane from dialling in a loop, and says why statements are refused meanwhile. */
export interface ReconnectPause {
  /** An attempt failed: nobody dials for a while. */
  attemptFailed(reason: string): void
  /** The server answered a statement: the next failure starts from the shortest pause. */
  answered(): void
  /** Why nobody dials now, or undefined when somebody may. */
  reason(): string | undefined
  /** Attempts that failed since the last answer. */
  failures(): number
}

export function createReconnectPause(): ReconnectPause {
  let failures = 0
  let until = 0
  let because = ''
  return {
    attemptFailed(reason) {
      const longest = Math.min(firstMs * 2 ** failures, longestMs)
      until = performance.now() + longest * (0.5 + Math.random() / 2)
      because = reason
      failures++
    },
    answered() {
      failures = 0
    },
    reason: () => (performance.now() < until ? because : undefined),
    failures: () => failures,
  }
}
