import { bareHono, honoByHand, ourAdapter, trpcToOpenApi, type Fetch } from './adapters.ts'
import { compareByCpu, type Contestant, type CpuComparison } from './cpu-rounds.ts'
import { compareServed } from './served-rounds.ts'
import { comparedSize, requestFor, syntheticTable } from './synthetic-table.ts'

const kinds = ['POST', 'GET'] as const
type Kind = (typeof kinds)[number]

/** What issue and documentation promise, as shares and multiples of throughput. */
const targets = { flatWithin: 0.1, leastOfBareHono: 0.9, leastOverTrpcToOpenApi: 4 } as const
const sizes = [5, 10, 50, 200]

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

async function isFlat(print: (line: string) => void): Promise<boolean> {
  let flat = true
  for (const kind of kinds) {
    const contestants = Object.fromEntries(
      sizes.map((size) => [`${size} operations`, contestant(ourAdapter(syntheticTable(size)), kind, size)]),
    )
    const results = await compareByCpu(contestants, { rounds: 41, requestsPerRound: 300 })
    print(`${kind}, this adapter, against itself with ${sizes[0]} operations`)
    for (const result of results) print(line(result))
    const worst = Math.max(...results.map(({ cost }) => Math.abs(cost.median - 1)))
    print(`  flat within ${inPercent(1 + worst)} (target ${inPercent(1 + targets.flatWithin)})\n`)
    flat &&= worst <= targets.flatWithin
  }
  return flat
}

async function againstHono(print: (line: string) => void): Promise<boolean> {
  let isFastEnough = true
  for (const kind of kinds) {
    const table = syntheticTable(comparedSize)
    const results = await compareByCpu(
      {
        'bare Hono: same parse, same JSON': contestant(bareHono(table), kind, comparedSize),
        'Hono by hand: same headers too, unchecked': contestant(honoByHand(table), kind, comparedSize),
        'this adapter': contestant(ourAdapter(table), kind, comparedSize),
      },
      { rounds: 61, requestsPerRound: 300 },
    )
    print(`${kind}, ${comparedSize} operations, against bare Hono`)
    for (const result of results) print(line(result))
    const ours = results.find(({ name }) => name === 'this adapter')
    const share = 1 / (ours?.cost.median ?? Number.NaN)
    print(`  ${share.toFixed(2)} of bare Hono’s throughput (target ${targets.leastOfBareHono})\n`)
    isFastEnough &&= share >= targets.leastOfBareHono
  }
  return isFastEnough
}

async function againstHonoServed(print: (line: string) => void): Promise<boolean> {
  let isFastEnough = true
  for (const kind of kinds) {
    const results = await compareServed(kind, { rounds: 21, requestsPerRound: 800 })
    print(`${kind}, ${comparedSize} operations, against bare Hono, both served by @hono/node-server over kept connections`)
    for (const result of results) print(line(result))
    const share = 1 / (results[1]?.cost.median ?? Number.NaN)
    print(`  ${share.toFixed(2)} of bare Hono’s throughput (target ${targets.leastOfBareHono})\n`)
    isFastEnough &&= share >= targets.leastOfBareHono
  }
  return isFastEnough
}

async function againstTrpcToOpenApi(print: (line: string) => void): Promise<boolean> {
  let isFastEnough = true
  // oxlint-disable-next-line node/no-process-env -- else the adapter that is compared makes the whole document for each request
  process.env['NODE_ENV'] = 'production'
  for (const kind of kinds)
    for (const size of [comparedSize, 50]) {
      const results = await compareByCpu(
        {
          'this adapter': contestant(ourAdapter(syntheticTable(size)), kind, size),
          'trpc-to-openapi’s fetch adapter': contestant(trpcToOpenApi(syntheticTable(size)), kind, size),
        },
        { rounds: 21, requestsPerRound: 200 },
      )
      print(`${kind}, ${size} operations, against trpc-to-openapi`)
      for (const result of results) print(line(result))
      const times = results[1]?.cost.median ?? Number.NaN
      print(`  ${times.toFixed(1)} times its throughput (target ${targets.leastOverTrpcToOpenApi})\n`)
      isFastEnough &&= times >= targets.leastOverTrpcToOpenApi
    }
  return isFastEnough
}

/** Measures what the REST adapter itself costs, in CPU time, by turns. Resolves with whether every target is met. */
export async function benchAdapter(print: (line: string) => void): Promise<boolean> {
  print('CPU time of one request, all threads, making it and reading its answer included; medians, half of the rounds between the two')
  print('figures in brackets.\n')
  const met = [await isFlat(print), await againstHono(print), await againstHonoServed(print), await againstTrpcToOpenApi(print)]
  return met.every(Boolean)
}
