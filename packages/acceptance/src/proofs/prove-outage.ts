import { freePort } from '@holdfast/testkit/free-port'
import { startPostgres } from '@holdfast/testkit/postgres'
import { startService } from '../service.ts'
import { runOutage } from './outage-run.ts'

const kills = 2
/** The default limits: this is how the service is run. */
const defaultBuffer = { BUFFER_MAX_BYTES: '' }

/** An outage of a Postgres of its own, in which the service is killed twice. Answers whether all is as promised. */
export async function proveOutage(seconds: number, print: (line: string) => void): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const postgres = await startPostgres()
  opened.defer(() => postgres.stop())
  const env = { PORT: String(await freePort()), ...defaultBuffer }
  const service = await startService({ storage: { url: postgres.url }, env })
  opened.defer(() => service.dispose())
  print(`Postgres away for ${seconds} s, the service killed ${kills} times meanwhile:`)
  const { lines, problems } = await runOutage({ service, postgres, seconds, kills })
  for (const line of lines) print(`  ${line}`)
  for (const problem of problems) print(`  WRONG: ${problem}`)
  if (problems.length === 0) print('  as promised')
  return problems.length === 0
}
