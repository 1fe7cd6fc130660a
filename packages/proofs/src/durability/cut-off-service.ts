import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { startFaultProxy } from '@holdfast/testkit/tcp-proxy'
import { restDriver } from '@holdfast/acceptance/driver.rest'
import type { Driver } from '@holdfast/acceptance/driver'
import { logIn } from '@holdfast/acceptance/people'
import { emptyDatabase, startService, type RunningService } from '@holdfast/acceptance/service'

/** A service whose Postgres can be taken away, and somebody who has logged in to it. */
export interface CutOffService {
  readonly service: RunningService
  /** The database itself, not what stands before it. */
  readonly databaseUrl: string
  readonly accessToken: string
  /** The door of the process that runs now. */
  api(): Driver
  /** Takes Postgres away: connections are reset, new ones refused. */
  cut(): Promise<void>
  /** Gives it back. */
  heal(): Promise<void>
  /** The file in which the buffer keeps what it took. */
  bufferFile(): string
  dispose(): Promise<void>
}

/** Starts one over an empty database; its pool has one thread, so that system calls can be counted. */
export async function startCutOffService(env: Readonly<Record<string, string>> = {}): Promise<CutOffService> {
  await using opened = new AsyncDisposableStack()
  const database = await emptyDatabase()
  opened.defer(() => database.drop())
  const { hostname, port } = new URL(database.url)
  const proxy = await startFaultProxy(Number(port === '' ? 5432 : port), hostname)
  opened.defer(() => proxy.stop())
  const service = await startService({ storage: { url: proxy.through(database.url) }, env: { UV_THREADPOOL_SIZE: '1', ...env } })
  opened.defer(() => service.dispose())
  const { tokens } = await logIn(service.origin, restDriver(service.origin))
  const kept = opened.move()
  return {
    service,
    databaseUrl: database.url,
    accessToken: tokens.accessToken,
    api: () => restDriver(service.origin, tokens.accessToken),
    cut: () => proxy.cutOff(),
    heal: () => proxy.mode('pass'),
    bufferFile: () => dataFileIn(join(env['DATA_DIR'] ?? service.dataDirectory, 'buffer')),
    dispose: () => kept.disposeAsync(),
  }
}

function dataFileIn(directory: string): string {
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('data.mdb'))
  if (found.length !== 1) throw new Error(`${directory} has ${found.length} files named data.mdb`)
  return join(directory, found[0] as string)
}
