/**
 * Integers from 0 to below 2^32, the same for the same seed: mulberry32, by Tommy Ettinger; small, and good enough to be different each time.
 */
export function seededIntegers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Chance that a seed repeats: an integer from 0 to `below` − 1. */
export function chanceOf(seed: number): (below: number) => number {
  const next = seededIntegers(seed)
  return (below) => next() % below
}
