/** A clock that stands still until it is moved, with countable randomness. */
export function fixedClock() {
  let at = Date.UTC(2026, 0, 2)
  let drawn = 0
  return {
    now: () => at,
    monotonic: () => at,
    random(byteLength: number): Uint8Array {
      drawn += 1
      return new Uint8Array(byteLength).fill(drawn)
    },
    advance(ms: number) {
      at += ms
    },
  }
}
