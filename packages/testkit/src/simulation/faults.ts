import type { DiskMood } from './ports/ordered-store.simulated.ts'
import type { Random } from './random.ts'
import type { CutChances } from './simulated-process.ts'

/** What goes wrong with calls of the database while it is there, each as a probability. */
export interface CallFaults {
  readonly unavailable: number
  readonly answerLost: number
  /** Takes effect after the caller has given up. */
  readonly late: number
  /** Not answered, and may take effect much later. */
  readonly stalled: number
  readonly contended: number
}

export interface NetworkFaults {
  /** An answer to a client, or a message between instances, is lost. */
  readonly lost: number
  readonly latencyMs: readonly [low: number, high: number]
}

/** All that can go wrong in one run, and how often. What is 0 does not. */
export interface FaultRates {
  readonly cuts: CutChances
  readonly calls: CallFaults
  readonly disk: DiskMood
  readonly network: NetworkFaults
  /** How many of each happen while faults last. */
  readonly outages: number
  readonly clockJumps: number
  readonly lockedRows: number
  readonly busOutages: number
  readonly misconfigurations: number
  readonly powerCuts: number
}

const calmCalls: CallFaults = { unavailable: 0, answerLost: 0, late: 0, stalled: 0, contended: 0 }
const calmDisk: DiskMood = { flushMs: [0.5, 4], full: 0, failed: 0, damaged: 0 }

/** When faults have stopped. */
export const noFaults: FaultRates = {
  cuts: { write: 0, other: 0 },
  calls: calmCalls,
  disk: calmDisk,
  network: { lost: 0, latencyMs: [0.2, 5] },
  outages: 0,
  clockJumps: 0,
  lockedRows: 0,
  busOutages: 0,
  misconfigurations: 0,
  powerCuts: 0,
}

/**
 * Each run has some kinds of fault and not others (swarm testing, Groce et al., ISSTA 2012): where everything fails at once, much never
 * gets far enough to fail in its own way.
 */
export function drawFaults(random: Random): FaultRates {
  const some = (probability: number, value: () => number): number => (random.chance(probability) ? value() : 0)
  const rate = (high: number) => (): number => random.between(0, high)
  return {
    cuts: { write: some(0.6, rate(0.02)), other: some(0.4, rate(0.002)) },
    calls: {
      unavailable: some(0.4, rate(0.1)),
      answerLost: some(0.5, rate(0.1)),
      late: some(0.5, rate(0.1)),
      stalled: some(0.4, rate(0.05)),
      contended: some(0.4, rate(0.2)),
    },
    disk: {
      flushMs: random.pick([
        [0.5, 4],
        [0.5, 40],
        [5, 250],
      ] as const),
      full: some(0.25, rate(0.1)),
      failed: some(0.2, rate(0.02)),
      damaged: some(0.2, rate(0.5)),
    },
    network: {
      lost: some(0.4, rate(0.1)),
      latencyMs: random.pick([
        [0.2, 5],
        [1, 60],
      ] as const),
    },
    outages: some(0.85, () => 1 + random.below(4)),
    clockJumps: some(0.4, () => 1 + random.below(3)),
    lockedRows: some(0.5, () => 1 + random.below(6)),
    busOutages: some(0.4, () => 1 + random.below(3)),
    misconfigurations: some(0.1, () => 1),
    powerCuts: some(0.5, () => 1 + random.below(3)),
  }
}
