import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import type { ThrowAwayServer } from './throw-away-server.ts'

export type ServerKind = 'postgres' | 'redis'

/** Names the desk to the processes of a test run. */
export const deskVariable = 'TEST_SERVERS_URL'

const startTimeoutMs = 60_000

// Nobody cuts the power of a shared server, and a killed process loses nothing by this; every `drop database` forces
// a checkpoint, which takes 15 ms so, and 700 ms with flushes. Tests of durability start a Postgres of their own.
const unflushed = { fsync: 'off' }

/** Starts each kind of server at its first use, once. */
export interface SharedServers {
  url(kind: ServerKind): Promise<string>
  stop(): Promise<void>
}

function sharedServers(): SharedServers {
  const started = new Map<ServerKind, Promise<ThrowAwayServer>>()
  const start = (kind: ServerKind) => {
    const server = started.get(kind) ?? (kind === 'postgres' ? startPostgres({ settings: unflushed }) : startRedis())
    started.set(kind, server)
    return server
  }
  return {
    url: async (kind) => (await start(kind)).url,
    async stop() {
      const servers = await Promise.allSettled(started.values())
      started.clear()
      await Promise.all(servers.filter((server) => server.status === 'fulfilled').map((server) => server.value.stop()))
    },
  }
}

/**
 * A desk where the processes of one test run ask for a server, so that only the first of them waits for its start,
 * and none is started for tests that need none. `GET <url>/postgres` answers with a connection URL.
 */
export async function openServerDesk(): Promise<{ url: string; close(): Promise<void> }> {
  const servers = sharedServers()
  const desk = createServer((request, response) => {
    const kind = request.url?.slice(1)
    if (kind !== 'postgres' && kind !== 'redis') response.writeHead(404).end()
    else {
      const answer = (status: number, text: string) => response.writeHead(status).end(text)
      servers.url(kind).then(
        (url) => answer(200, url),
        (error: Error) => answer(503, error.message),
      )
    }
  })
  desk.listen(0, '127.0.0.1')
  await once(desk, 'listening')
  desk.unref()
  return {
    url: `http://127.0.0.1:${(desk.address() as AddressInfo).port}`,
    async close() {
      desk.close()
      desk.closeAllConnections()
      await servers.stop()
    },
  }
}

let own: SharedServers | undefined

/**
 * The URL of a server for the tests of this run: that of the desk, or, where no desk is open (the package's Vitest
 * configuration lacks the global setup), of one started by and for this process.
 */
export async function sharedServerUrl(kind: ServerKind): Promise<string> {
  const desk = process.env[deskVariable]
  if (desk === undefined || desk === '') return (own ??= sharedServers()).url(kind)
  const response = await fetch(`${desk}/${kind}`, { signal: AbortSignal.timeout(startTimeoutMs) })
  const answer = await response.text()
  if (!response.ok) throw new Error(`no ${kind} for this test run: ${answer}`)
  return answer
}
