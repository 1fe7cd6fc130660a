import { resolve } from 'node:path'
import { runCommand, wholeNumber } from '@holdfast/testkit/run-command'
import { benchAdapter } from './adapter/adapter-bench.ts'
import { benchApply } from './apply-bench.ts'
import { benchBacklog, standardOperations } from './backlog/backlog-bench.ts'
import { benchBuffered } from './buffered/buffered-bench.ts'
import { benchDrain } from './drain/drain-bench.ts'
import { benchWritePath } from './write-path-bench.ts'

const help = `Usage: pnpm bench <what>

  apply        applyCommands over one real lane, creating and updating 64, 256 and 1000 tasks in a batch, beside the bare insert
               of the same two rows, by turns. Exit code 1 if it is not within a fifth of the prototypes' figures
  write-path   64 concurrent writers through the whole engine: commands/s, latencies, statements for 64 creations. Exit code
               1 if one is not committed, or 64 creations take more than 6 statements
  drain        the drain of a real instance from a buffer on disk, beside the bare insert of the same rows, by turns: creations, and
               seven updates in ten. Exit code 1 below 0.60 and 0.45 of it, or below 5,000 operations/s
  buffered     64 connections that write to the real service whose database is away, beside as many writers at a bare LMDB
               store, by turns: rate, latencies, CPU. Exit code 1 below 5,000 writes/s, or at a p99 over 40 ms and over 3
               times the bare store's
  backlog      a buffer with a million operations: growth of memory while it is filled, disk, and the time of a start over it that
               checks every record. Exit code 1 at 100 MB or 10 s; needs Linux, 4 GB of disk and some minutes, no database
  adapter      CPU time of the REST adapter alone: from 5 to 200 operations, beside bare Hono, and beside trpc-to-openapi. Exit code 1
               if a target is missed; needs no database

Each but the backlog takes a minute or so. Those with a database have one of their own that is dropped at the end, on the server of
TEST_DATABASE_URL, else on one that is started for it and flushes nothing (the drain's flushes). Buffers lie below TMPDIR, which should be on a disk. Figures
drift with the machine, and nothing else should run on it; ratios by turns do so less.

  --operations <number>        of the backlog (${standardOperations})
  --cpu-profile <directory>    where the service that buffers leaves V8's profile of itself
  --help                       prints this
`

interface Options {
  readonly operations: number
  readonly profileDirectory: string | null
}

type Bench = (print: (line: string) => void, options: Options) => Promise<boolean>

const benches: Readonly<Record<string, Bench>> = {
  adapter: benchAdapter,
  apply: benchApply,
  backlog: (print, { operations }) => benchBacklog(print, operations),
  buffered: (print, { profileDirectory }) => benchBuffered(print, profileDirectory),
  drain: benchDrain,
  'write-path': benchWritePath,
}
/** One for each step of the filling. */
const leastOperations = 100
/** A disk of 250 GB. */
const mostOperations = 100_000_000
const print = (line: string): void => void process.stdout.write(`${line}\n`)

await runCommand({
  help,
  options: { operations: { type: 'string' }, 'cpu-profile': { type: 'string' } },
  names: Object.keys(benches),
  async run(values, name) {
    const profile = values['cpu-profile']
    return (benches[name] as Bench)(print, {
      operations: wholeNumber('operations', values.operations, {
        missing: standardOperations,
        least: leastOperations,
        most: mostOperations,
      }),
      profileDirectory: profile === undefined ? null : resolve(profile),
    })
  },
})
