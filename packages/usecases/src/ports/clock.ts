/** Time, waiting and randomness: parameters everywhere above the composition root, so that a simulation can own them. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. May step in either direction. */
  now(): number
  /** Milliseconds since an arbitrary start; never steps back. For durations and deadlines. */
  monotonic(): number
  /** Resolves after `ms` milliseconds, or at once when `signal` is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Cryptographically strong random bytes. */
  random(byteLength: number): Uint8Array
}
