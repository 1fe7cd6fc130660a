/** One stream of chance, fixed by its seed. */
export interface Random {
  /** 0 up to, not including, 1. */
  fraction(): number
  /** An integer, 0 up to, not including, `below`. */
  below(below: number): number
  /** From `low` up to, not including, `high`; not an integer. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Uint8Array
  /** A stream of its own: what is drawn from one does not move the other. */
  fork(): Random
}

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, quick, and good enough to be different each time. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9, 1]
  const next = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + mixed) | 0
    return mixed >>> 0
  }
  // As its author says: the first draws still show the seed.
  for (let round = 0; round < 15; round++) next()

  const random: Random = {
    fraction: () => next() / 2 ** 32,
    below: (below) => Math.floor(random.fraction() * below),
    between: (low, high) => low + random.fraction() * (high - low),
    chance: (probability) => random.fraction() < probability,
    pick(items) {
      if (items.length === 0) throw new Error('There is nothing to pick from')
      return items[random.below(items.length)] as (typeof items)[number]
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    fork: () => createRandom(next() + next() * 2 ** 32),
  }
  return random
}
