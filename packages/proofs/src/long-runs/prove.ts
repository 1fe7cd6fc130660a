import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { ProofOptions } from './proof-options.ts'
import { proveKillProbe } from './prove-kill-probe.ts'
import { proveKillSteps } from './prove-kill-steps.ts'
import { proveOutage } from './prove-outage.ts'
import { provePowerCut } from './prove-power-cut.ts'

/** The writers log in once, and an access token is good for ten minutes. */
const longestSeconds = 500

const help = `Usage: pnpm prove <what> [--seconds 60] [--images 2000] [--seed 1] [--run directory]

  kill-probe   the service over HTTP, 64 writers that create tasks under idempotency keys and repeat what was not acknowledged, while
               up to two backends of Postgres, then all connections to Redis, then both are killed every 50 ms. At the end every
               acknowledged task must be in the database exactly once, with its operation; every call was answered; no error was
               logged but that the database failed
  kill-steps   the service is killed before each system call by which it does something outside of itself, from the acceptance of a few
               writes to their removal from the buffer, with Postgres away and back, and with Postgres there; then started again.
               What was not acknowledged is sent again: each write must have been done exactly once
  outage       Postgres is killed for some seconds, amid 64 writers that make tasks and change them, and the service is killed twice
               meanwhile with -9. Once Postgres is back and all is drained, every acknowledged write must be in the database exactly
               once and in its order, and nothing else
  power-cut    the buffer under strace: appends, disposals, dead letters, an opening in between. From what it wrote, a sample is made of
               the disks that a power cut could leave (of what was not flushed nothing, half, all, or torn parts); each is opened,
               compared with what had been acknowledged, and written to once more

  --seconds    how long the outage lasts (60), and each part of the kill probe kills (20); at most ${longestSeconds}.
               The buffer’s file takes 12 MB of disk for each second of the outage
  --images     how many power cuts, evenly over the run; up to half of them right after acknowledgements (2000)
  --seed       decides what survives them (any)
  --run        a run that a failure has kept, instead of a new one
  --help       prints this

Exit code 1 if something is not as promised. The kills use an empty database on the server of TEST_DATABASE_URL, else a
Postgres of their own, and the outage always one of its own; the kill probe always a Redis of its own: redis-server must be on
the path. The kill steps and the power cut need strace.
`

const proofs: Readonly<Record<string, (options: ProofOptions) => Promise<boolean>>> = {
  'kill-probe': ({ seconds, print }) => proveKillProbe(seconds ?? 20, print),
  'kill-steps': proveKillSteps,
  outage: ({ seconds, print }) => proveOutage(seconds ?? 60, print),
  'power-cut': provePowerCut,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    images: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    run: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const options: ProofOptions = {
  seconds: values.seconds === undefined ? null : Number(values.seconds),
  images: Number(values.images),
  seed: Number(values.seed),
  run: values.run ?? null,
  print: (line) => void process.stdout.write(`${line}\n`),
}
const areNumbersRight =
  (options.seconds === null || (options.seconds > 0 && options.seconds <= longestSeconds)) &&
  Number.isInteger(options.images) &&
  options.images >= 1 &&
  options.images <= 100_000 &&
  Number.isInteger(options.seed)
const proof = proofs[positionals[0] ?? '']
if (values.help === true) options.print(help)
else if (proof === undefined || positionals.length !== 1 || !areNumbersRight) {
  process.stderr.write(help)
  process.exitCode = 2
} else process.exitCode = (await proof(options)) ? 0 : 1
