import { bareHono, honoByHand, names, ourAdapter, trpcToOpenApi, type Fetch } from './adapters.ts'
import { compareByCpu, type Contestant, type CpuComparison } from './cpu-rounds.ts'
import { compareServed } from './served-rounds.ts'
import { comparedSize, requestFor, syntheticTable } from './synthetic-table.ts'

type Print = (line: string) => void
const kinds = ['POST', 'GET'] as const
type Kind = (typeof kinds)[number]

/** What issue and documentation promise, as shares and multiples of throughput. */
const targets = { flatWithin: 0.1, leastOfBareHono: 0.9, leastOverTrpcToOpenApi: 4 } as const
const sizes = [5, 10, 50, 200]
/** The first counts, the others stand beside it: that adapter takes longer the more operations there are. */
const sizesOverTrpcToOpenApi = [comparedSize, 20, 50]

/** Sends one request to an adapter and reads its answer, which must be a good one. */
const contestant =
  (fetch: Fetch, kind: Kind, size: number): Contestant =>
  async (turn) => {
    const { path, init } = requestFor(kind, size, turn)
    const response = await fetch(new Request(`http://localhost${path}`, init))
    const text = await response.text()
    if (!response.ok) throw new Error(`${kind} ${path} answered ${response.status}: ${text}`)
  }

const inPercent = (value: number): string => `${((value - 1) * 100).toFixed(1)} %`
const line = ({ name, cpuUs, cost: { median, lowQuartile, highQuartile } }: CpuComparison): string =>
  `  ${name.padEnd(42)} ${cpuUs.toFixed(1).padStart(7)} µs   cost ${median.toFixed(3)} (${lowQuartile.toFixed(3)} to ${highQuartile.toFixed(3)})   throughput ${(1 / median).toFixed(2)}`
const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED')
const costOf = (results: readonly CpuComparison[], name: string): number =>
  results.find((result) => result.name === name)?.cost.median ?? Number.NaN

function printAll(print: Print, title: string, results: readonly CpuComparison[]): void {
  print(`${title}; ${results[0]?.cost.rounds} rounds`)
  for (const result of results) print(line(result))
}

async function isFlat(print: Print): Promise<boolean> {
  let flat = true
  for (const kind of kinds) {
    const contestants = Object.fromEntries(
      sizes.map((size) => [`${size} operations`, contestant(ourAdapter(syntheticTable(size)), kind, size)]),
    )
    const results = await compareByCpu(contestants, { requestsPerRound: 1_500 })
    printAll(print, `${kind}, this adapter, against itself with ${sizes[0]} operations`, results)
    const worst = Math.max(...results.map(({ cost }) => Math.abs(cost.median - 1)))
    const isMet = worst <= targets.flatWithin
    print(`  flat within ${inPercent(1 + worst)} (target ${inPercent(1 + targets.flatWithin)}): ${verdict(isMet)}\n`)
    flat &&= isMet
  }
  return flat
}

/** The comparison, and below it the one with equal work. */
function judgeAgainstHono(print: Print, results: readonly CpuComparison[]): boolean {
  const share = 1 / costOf(results, names.ours)
  const isMet = share >= targets.leastOfBareHono
  print(`  ${share.toFixed(2)} of bare Hono’s throughput (target ${targets.leastOfBareHono}): ${verdict(isMet)}`)
  print(`  ${(costOf(results, names.byHand) * share).toFixed(2)} of Hono’s by hand with the same answer\n`)
  return isMet
}

async function againstHono(print: Print): Promise<boolean> {
  let isFastEnough = true
  for (const kind of kinds) {
    const table = syntheticTable(comparedSize)
    const results = await compareByCpu(
      {
        [names.bare]: contestant(bareHono(table), kind, comparedSize),
        [names.byHand]: contestant(honoByHand(table), kind, comparedSize),
        [names.ours]: contestant(ourAdapter(table), kind, comparedSize),
      },
      { requestsPerRound: 4_000 },
    )
    printAll(print, `${kind}, ${comparedSize} operations, against Hono`, results)
    isFastEnough = judgeAgainstHono(print, results) && isFastEnough
  }
  return isFastEnough
}

async function againstHonoServed(print: Print): Promise<boolean> {
  let isFastEnough = true
  for (const kind of kinds) {
    const results = await compareServed(kind, { requestsPerRound: 1_600 })
    printAll(print, `${kind}, ${comparedSize} operations, against Hono, all served by @hono/node-server over kept connections`, results)
    isFastEnough = judgeAgainstHono(print, results) && isFastEnough
  }
  return isFastEnough
}

async function againstTrpcToOpenApi(print: Print): Promise<boolean> {
  let isFastEnough = true
  // oxlint-disable-next-line node/no-process-env -- else the adapter that is compared makes the whole document for each request
  process.env['NODE_ENV'] = 'production'
  for (const kind of kinds)
    for (const size of sizesOverTrpcToOpenApi) {
      const results = await compareByCpu(
        {
          [names.ours]: contestant(ourAdapter(syntheticTable(size)), kind, size),
          [names.bare]: contestant(bareHono(syntheticTable(size)), kind, size),
          [names.trpcToOpenApi]: contestant(trpcToOpenApi(syntheticTable(size)), kind, size),
        },
        { requestsPerRound: 1_000 },
      )
      printAll(print, `${kind}, ${size} operations, against trpc-to-openapi`, results)
      const times = costOf(results, names.trpcToOpenApi)
      const ofHono = times / costOf(results, names.bare)
      const isMet = times >= targets.leastOverTrpcToOpenApi
      const judged =
        size === comparedSize ? `(target ${targets.leastOverTrpcToOpenApi}): ${verdict(isMet)}` : '(beside it: the contract has fewer)'
      print(`  ${times.toFixed(1)} times its throughput ${judged}; bare Hono ${ofHono.toFixed(1)} times\n`)
      if (size === comparedSize) isFastEnough &&= isMet
    }
  return isFastEnough
}

/** Measures what the REST adapter itself costs, in CPU time, by turns. Resolves with whether every target is met. */
export async function benchAdapter(print: Print): Promise<boolean> {
  print('CPU time of one request, all threads, making it and reading its answer included; medians, half of the rounds between the two')
  print(`figures in brackets. The contract has ${comparedSize} operations.\n`)
  const met = [await isFlat(print), await againstHono(print), await againstHonoServed(print), await againstTrpcToOpenApi(print)]
  print(met.every(Boolean) ? 'Every target is met.' : 'Targets are missed: docs/decisions/0021-cost-of-the-adapter.md says why.')
  return met.every(Boolean)
}
