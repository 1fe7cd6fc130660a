import { setImmediate as nextTurn } from 'node:timers/promises'
import { measuredRatio, quantile, type MeasuredRatio } from '../measured-ratio.ts'

/** One thing to measure: does its work `turn` times over, the same work for all. */
export type Contestant = (turn: number) => Promise<void>

export interface RoundOptions {
  readonly rounds: number
  readonly requestsPerRound: number
}

/** Every so many requests the event loop turns, as it does between those of a server: else garbage is kept that no server keeps. */
const requestsPerTurn = 10

/** Microseconds of CPU for one request, all threads, garbage collection included; a mean over a round. */
async function round(contestant: Contestant, requests: number): Promise<number> {
  const before = process.cpuUsage()
  for (let turn = 0; turn < requests; turn += 1) {
    await contestant(turn)
    if (turn % requestsPerTurn === 0) await nextTurn()
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / requests
}

export interface CpuComparison {
  readonly name: string
  /** Median microseconds of CPU for one request. */
  readonly cpuUs: number
  /** Of its cost to that of the first contestant, in the same round. */
  readonly cost: MeasuredRatio
}

/** Measures contestants by turns, so that whatever slows the machine slows all, in another order each round. */
export async function compareByCpu(
  contestants: Readonly<Record<string, Contestant>>,
  { rounds, requestsPerRound }: RoundOptions,
): Promise<readonly CpuComparison[]> {
  const entries = Object.entries(contestants)
  const measured = new Map(entries.map(([name]): [string, number[]] => [name, []]))
  for (let warmUp = 0; warmUp < 4; warmUp += 1) for (const [, contestant] of entries) await round(contestant, requestsPerRound)
  for (let at = 0; at < rounds; at += 1)
    for (const [name, contestant] of at % 2 === 0 ? entries : entries.toReversed())
      measured.get(name)?.push(await round(contestant, requestsPerRound))
  const [first] = [...measured.values()]
  return entries.map(([name]) => {
    const values = measured.get(name) ?? []
    return { name, cpuUs: quantile(values, 0.5), cost: measuredRatio(values.map((value, at) => value / (first?.[at] ?? Number.NaN))) }
  })
}
