import { setImmediate as nextTurn } from 'node:timers/promises'
import { measuredRatio, quantile, type MeasuredRatio } from '../measured-ratio.ts'

/** One thing to measure: does its work `turn` times over, the same work for all. */
export type Contestant = (turn: number) => Promise<void>

/** Runs one round of so many requests and resolves with the microseconds of CPU that one of them took. */
export type Round = (requests: number) => Promise<number>

export interface RoundOptions {
  /** Long enough for several collections of garbage, so that each contestant has its share of them. */
  readonly requestsPerRound: number
}

export interface CpuComparison {
  readonly name: string
  /** Median microseconds of CPU for one request. */
  readonly cpuUs: number
  /** Of its cost to that of the first contestant, in the same round. */
  readonly cost: MeasuredRatio
}

/** Every so many requests the event loop turns, as it does between those of a server: else garbage is kept that no server keeps. */
const requestsPerTurn = 10

/** In this process: all threads, garbage collection included. */
const roundOf =
  (contestant: Contestant): Round =>
  async (requests) => {
    const before = process.cpuUsage()
    for (let turn = 0; turn < requests; turn += 1) {
      await contestant(turn)
      if (turn % requestsPerTurn === 0) await nextTurn()
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / requests
  }

const warmUps = 3
const leastRounds = 21
const mostRounds = 42
/** Half of the rounds lie this close together, as a share of their median: else it goes on, as long as it may. */
const steadySpread = 0.08

const isSteady = ({ cost: { median, lowQuartile, highQuartile } }: CpuComparison): boolean =>
  (highQuartile - lowQuartile) / median <= steadySpread

/**
 * Measures by turns, so that whatever slows the machine slows all, in another order each round; 21 rounds, and up to 42 until the
 * ratios are steady. It never looks at what the ratios are.
 */
export async function compareRounds(
  rounds: Readonly<Record<string, Round>>,
  { requestsPerRound }: RoundOptions,
): Promise<readonly CpuComparison[]> {
  const entries = Object.entries(rounds).map(([name, round]) => ({ name, round, measured: [] as number[] }))
  const summary = (): readonly CpuComparison[] =>
    entries.map(({ name, measured }) => ({
      name,
      cpuUs: quantile(measured, 0.5),
      cost: measuredRatio(measured.map((value, at) => value / (entries[0]?.measured[at] ?? Number.NaN))),
    }))
  for (let warmUp = 0; warmUp < warmUps; warmUp += 1) for (const { round } of entries) await round(requestsPerRound)
  for (let at = 0; at < mostRounds && (at < leastRounds || !summary().every(isSteady)); at += 1)
    for (const { round, measured } of at % 2 === 0 ? entries : entries.toReversed()) measured.push(await round(requestsPerRound))
  return summary()
}

/** Compares contestants in this process. */
export const compareByCpu = (contestants: Readonly<Record<string, Contestant>>, options: RoundOptions): Promise<readonly CpuComparison[]> =>
  compareRounds(Object.fromEntries(Object.entries(contestants).map(([name, contestant]) => [name, roundOf(contestant)])), options)
