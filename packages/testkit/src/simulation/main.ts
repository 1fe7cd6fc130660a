import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
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

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: String(randomInt(2 ** 31)) },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    defect: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const [count, from, only] = [Number(values.seeds), Number(values.from), Number(values.seed ?? 0)]
const defect = values.defect ?? null
const areNumbers = [count, from, only].every((number) => Number.isSafeInteger(number) && number >= 0) && count > 0
if (values.help) print(help)
else if (!areNumbers || (values.trace && values.seed === undefined) || (defect !== null && !isPortDefectName(defect))) {
  process.stderr.write(help)
  process.exitCode = 2
} else process.exitCode = (values.seed === undefined ? await runMany(defect) : await runOne(defect)) ? 0 : 1

async function runOne(name: PortDefectName | null): Promise<boolean> {
  const result = await simulate(only, { ...(values.trace && { tell: print }), ...(name !== null && { defect: portDefects[name] }) })
  print(`seed ${only}: ${result.events} events, trace ${result.traceHash}`)
  if (result.violation !== null) tellFailure(only, result.violation.message)
  return result.violation === null
}

async function runMany(name: PortDefectName | null): Promise<boolean> {
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
  for (const [seed, violation] of failed) tellFailure(seed, violation)
  return failed.size === 0
}

function tellFailure(seed: number, violation: string): void {
  print(`
seed ${seed}: ${violation}
  again:  pnpm simulate --seed ${seed} --trace${defect === null ? '' : ` --defect '${defect}'`}
  keep:   add {"seed": ${seed}, "why": "…"} to packages/testkit/src/simulation/kept-seeds.json`)
}
