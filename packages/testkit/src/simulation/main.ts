import { randomInt } from 'node:crypto'
import { runCommand, UsageError, wholeNumber } from '../command-line/run-command.ts'
import { readKeptSeeds } from './kept-seeds.ts'
import { isPortDefectName, portDefectNames, portDefects, type PortDefectName } from './port-defects.ts'
import { runSeeds } from './run-seeds.ts'
import { simulate } from './simulate.ts'

const help = `Usage: pnpm simulate [--seeds 200] [--from N] [--seed N [--trace]] [--defect name]

  Runs instances and clients through simulated time and faults, one history for each seed, and judges each by what clients were
  promised. The seeds of packages/testkit/src/simulation/kept-seeds.json come first. Exit code 1 at the first promise that was
  broken, with its seed and how to run it again.

  --seeds     how many (200)
  --from      the first of them; else a random one, which is printed
  --seed      this one alone; prints the hash of its trace, which is the same each time
  --trace     with --seed: prints all that happens
  --defect    puts a known defect into the product first, to see it found:
${portDefectNames.map((name) => `                ${name}`).join('\n')}
`
const progressEvery = 200
const mostSeeds = 10_000_000

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const highestSeed = Number.MAX_SAFE_INTEGER - mostSeeds

await runCommand({
  help,
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    defect: { type: 'string' },
  },
  async run({ seeds, from, seed, trace, defect }) {
    if (defect !== undefined && !isPortDefectName(defect)) throw new UsageError(`--defect must be one of: ${portDefectNames.join('; ')}.`)
    if (trace && seed === undefined) throw new UsageError('--trace needs --seed.')
    if (seed !== undefined) return runOne(wholeNumber('seed', seed, { missing: 0, least: 0, most: highestSeed }), defect ?? null, trace)
    const first = wholeNumber('from', from, { missing: randomInt(2 ** 31), least: 0, most: highestSeed })
    return runMany(first, wholeNumber('seeds', seeds, { missing: 200, least: 1, most: mostSeeds }), defect ?? null)
  },
})

async function runOne(seed: number, name: PortDefectName | null, isTraced: boolean): Promise<boolean> {
  const result = await simulate(seed, { ...(isTraced && { tell: print }), ...(name !== null && { defect: portDefects[name] }) })
  print(`seed ${seed}: ${result.events} events, trace ${result.traceHash}`)
  if (result.violation !== null) tellFailure(seed, result.violation.message, name)
  return result.violation === null
}

async function runMany(from: number, count: number, name: PortDefectName | null): Promise<boolean> {
  const kept = readKeptSeeds().map(({ seed }) => seed)
  print(`seeds ${from} to ${from + count - 1}${kept.length > 0 ? `, and ${kept.length} kept ones first` : ''}`)
  const begunAt = performance.now()
  const sums = { runs: 0, operations: 0, committed: 0, drained: 0, deadLetters: 0, processes: 0 }
  const failed = new Map<number, string>()
  await runSeeds({
    seeds: [...kept, ...Array.from({ length: count }, (_none, index) => from + index)],
    defect: name,
    onReport({ seed, violation, counts }) {
      sums.runs += 1
      for (const key of ['operations', 'committed', 'drained', 'deadLetters', 'processes'] as const) sums[key] += counts[key]
      if (violation !== null) failed.set(seed, violation)
      if (sums.runs % progressEvery === 0) print(`${sums.runs} runs`)
    },
  })
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1)
  print(
    `${sums.runs} runs in ${seconds} s: ${sums.operations} operations, ${sums.committed} answered as committed, ${sums.drained} drained, ` +
      `${sums.deadLetters} dead letters, ${sums.processes} processes; ${failed.size === 0 ? 'every promise kept' : 'a promise was broken'}`,
  )
  for (const [seed, violation] of failed) tellFailure(seed, violation, name)
  return failed.size === 0
}

function tellFailure(seed: number, violation: string, defect: PortDefectName | null): void {
  print(`
seed ${seed}: ${violation}
  again:  pnpm simulate --seed ${seed} --trace${defect === null ? '' : ` --defect '${defect}'`}
  keep:   add {"seed": ${seed}, "why": "…"} to packages/testkit/src/simulation/kept-seeds.json`)
}
