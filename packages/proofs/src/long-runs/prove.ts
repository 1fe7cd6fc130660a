import { randomInt } from 'node:crypto'
import { runCommand, wholeNumber } from '@holdfast/testkit/run-command'
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

type Proof = (options: ProofOptions) => Promise<boolean>

const proofs: Readonly<Record<string, Proof>> = {
  'kill-probe': ({ seconds, print }) => proveKillProbe(seconds ?? 20, print),
  'kill-steps': proveKillSteps,
  outage: ({ seconds, print }) => proveOutage(seconds ?? 60, print),
  'power-cut': provePowerCut,
}

await runCommand({
  help,
  options: { seconds: { type: 'string' }, images: { type: 'string' }, seed: { type: 'string' }, run: { type: 'string' } },
  names: Object.keys(proofs),
  async run(values, name) {
    return (proofs[name] as Proof)({
      seconds: values.seconds === undefined ? null : wholeNumber('seconds', values.seconds, { missing: 0, least: 1, most: longestSeconds }),
      images: wholeNumber('images', values.images, { missing: 2_000, least: 1, most: 100_000 }),
      seed: wholeNumber('seed', values.seed, { missing: randomInt(1_000_000), least: 0, most: Number.MAX_SAFE_INTEGER }),
      run: values.run ?? null,
      print: (line) => void process.stdout.write(`${line}\n`),
    })
  },
})
