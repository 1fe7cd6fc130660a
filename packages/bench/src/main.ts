import { parseArgs } from 'node:util'
import { benchAdapter } from './adapter/adapter-bench.ts'
import { benchApply } from './apply-bench.ts'
import { benchWritePath } from './write-path-bench.ts'

const help = `Usage: pnpm bench <what>

  apply        applyCommands over one real lane, creating and updating 64, 256 and 1000 tasks in a batch, beside the bare insert
               of the same two rows, by turns. Exit code 1 if it is not within a fifth of the prototypes' figures
  write-path   64 concurrent writers through the whole engine: commands/s, latencies, statements for 64 creations. Exit code
               1 if one is not committed, or 64 creations take more than 6 statements
  adapter      CPU time of the REST adapter alone: from 5 to 200 operations, beside bare Hono, and beside trpc-to-openapi. Exit code 1
               if a target is missed; needs no database

Each takes less than a minute, the others in a database of its own that is dropped at the end, on the server of TEST_DATABASE_URL, else
on one that is started for it and flushes nothing. Figures drift with the machine; the shares of F do so less.

  --help       prints this
`

const benches: Readonly<Record<string, (print: (line: string) => void) => Promise<boolean>>> = {
  adapter: benchAdapter,
  apply: benchApply,
  'write-path': benchWritePath,
}
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } })
const bench = benches[positionals[0] ?? '']
if (options.help === true) process.stdout.write(help)
else if (bench === undefined || positionals.length !== 1) {
  process.stderr.write(help)
  process.exitCode = 2
} else process.exitCode = (await bench(print)) ? 0 : 1
