import { parseArgs } from 'node:util'
import { proveKillProbe } from './prove-kill-probe.ts'

const help = `Usage: pnpm prove <what> [--seconds 20]

  kill-probe   the service over HTTP, 64 writers that create tasks under idempotency keys and repeat what was not acknowledged, while
               up to two backends of Postgres, then all connections to Redis, then both are killed every 50 ms. At the end every
               acknowledged task must be in the database exactly once, with its operation; every call was answered; no error was
               logged but that the database failed

  --seconds    how long each part kills (20)
  --help       prints this

Exit code 1 if something is not as promised. Uses an empty database on the server of TEST_DATABASE_URL, else a Postgres of its
own, and always a Redis of its own: redis-server must be on the path.
`

export type Print = (line: string) => void

const proofs: Readonly<Record<string, (seconds: number, print: Print) => Promise<boolean>>> = { 'kill-probe': proveKillProbe }
const print: Print = (line) => void process.stdout.write(`${line}\n`)

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' }, help: { type: 'boolean', short: 'h' } },
})
const proof = proofs[positionals[0] ?? '']
const seconds = Number(options.seconds)
if (options.help === true) print(help)
else if (proof === undefined || positionals.length !== 1 || !(seconds > 0 && seconds <= 3600)) {
  process.stderr.write(help)
  process.exitCode = 2
} else process.exitCode = (await proof(seconds, print)) ? 0 : 1
