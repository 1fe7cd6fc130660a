import { readFileSync } from 'node:fs'

/** A seed that failed once, and what was wrong. */
export interface KeptSeed {
  readonly seed: number
  readonly why: string
}

/**
 * The seeds of `kept-seeds.json`, which are run before all others. A seed names a history only as long as the simulation and the product
 * draw the same numbers: what a kept seed found should have a test of its own beside the code that was wrong.
 */
export function readKeptSeeds(): readonly KeptSeed[] {
  const text = readFileSync(new URL('kept-seeds.json', import.meta.url), 'utf8')
  return JSON.parse(text) as readonly KeptSeed[]
}
