import { freePort } from '@holdfast/testkit/free-port'
import { startPostgres } from '@holdfast/testkit/postgres'
import { startService } from '@holdfast/acceptance/service'
import { runOutage } from './outage-run.ts'

const kills = 2
/** More than 64 writers of one process can write in a second, and more than such a write takes. */
const writesPerSecond = 8_000
const bytesPerWrite = 640
/** For Postgres to come back. */
const marginSeconds = 10

/** Limits out of the way of an outage of so many seconds: a refusal at a limit is no fault, and is not what is looked for. */
function roomFor(seconds: number): Readonly<Record<string, string>> {
  const operations = (Math.ceil(seconds) + marginSeconds) * writesPerSecond
  return {
    BUFFER_MAX_OPERATIONS: String(operations),
    BUFFER_MAX_BYTES: String(operations * bytesPerWrite),
    BUFFER_USER_SHARE: '1',
  }
}

/** An outage of a Postgres of its own, in which the service is killed twice. Answers whether all is as promised. */
export async function proveOutage(seconds: number, print: (line: string) => void): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const postgres = await startPostgres()
  opened.defer(() => postgres.stop())
  const env = { PORT: String(await freePort()), ...roomFor(seconds) }
  const service = await startService({ storage: { url: postgres.url }, env })
  opened.defer(() => service.dispose())
  print(`Postgres away for ${seconds} s, the service killed ${kills} times meanwhile:`)
  const { lines, problems } = await runOutage({ service, postgres, seconds, kills })
  for (const line of lines) print(`  ${line}`)
  for (const problem of problems) print(`  WRONG: ${problem}`)
  if (problems.length === 0) print('  as promised')
  return problems.length === 0
}
