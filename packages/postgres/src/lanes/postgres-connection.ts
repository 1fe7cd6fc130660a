import type { Socket } from 'node:net'
import postgres from 'postgres'
import { openPostgresSocket } from './postgres-socket.ts'
import { readPostgresTls } from './postgres-tls.ts'
import { settleBefore } from './settle-before.ts'
import { columnDecoders, decodeTextArray } from './wire-values.ts'

export interface ConnectionSettings {
  url: string
  /** Shown as `application_name`. */
  name: string
  connectTimeoutMs: number
  statementTimeoutMs: number
  lockTimeoutMs: number
}

/** One server connection, never reused after it is lost: whoever holds it asks `isLost` before each statement. */
export interface PostgresConnection {
  readonly sql: postgres.Sql
  readonly openedAt: number
  isLost(): boolean
  /** Cuts the connection now; a statement in flight is left to the server. */
  destroy(): void
  /** Says goodbye to the server; at most 1 s. */
  end(): Promise<void>
}

const asIs = { serialize: String, parse: (text: string) => text }

// postgres.js would turn times into Dates (losing microseconds) and JSON text into JSON strings: every type is named here.
const types = {
  string: { to: 25, from: [25, 1042, 1043], ...asIs },
  number: { to: 0, from: [21, 23, 26, 700, 701], serialize: String, parse: Number },
  json: { to: 114, from: [114, 3802], ...asIs },
  boolean: { to: 16, from: [16], serialize: String, parse: columnDecoders[16]! },
  date: { to: 1184, from: [1082, 1114, 1184], ...asIs },
  bytea: { to: 17, from: [17], ...asIs },
  textArray: { to: 1009, from: [1009, 1015, 2951], serialize: String, parse: decodeTextArray },
}

/**
 * Connects and proves that the server answers and takes writes.
 *
 * postgres.js reconnects by itself, without a pause and without telling, which has cost others hangs and crashes
 * (porsager/postgres#1168, #1208, #1214). Here a client gets one socket in its life: the second request for one throws.
 *
 * Where the url names several hosts, `attempt` picks one: a failed attempt is followed by the next host.
 *
 * @throws what the socket, postgres.js or the server said; nothing but the greeting was sent
 */
export async function openPostgresConnection(settings: ConnectionSettings, attempt = 0): Promise<PostgresConnection> {
  const { url, tls } = readPostgresTls(settings.url)
  const attemptEnd = new AbortController()
  let socket: Socket | undefined
  let isUsed = false
  let isLost = false

  async function onlySocket(target: { path: string | false; host: string[]; port: number[] }): Promise<Socket> {
    if (isUsed || isLost) throw Object.assign(new Error('the server closed the connection'), { code: 'CONNECTION_CLOSED' })
    isUsed = true
    const path = target.path === false ? undefined : target.path
    socket = await openPostgresSocket({ host: target.host[0]!, port: target.port[0]!, path, tls }, attemptEnd.signal)
    return socket
  }

  const sql = postgres(url, {
    ssl: false,
    max: 1,
    keep_alive: 5,
    fetch_types: false,
    types,
    prepare: true,
    // The lane decides how long a connection lives and how long a connect may take, the phases before the first answer included.
    idle_timeout: undefined,
    max_lifetime: null,
    connect_timeout: 0,
    onnotice: () => {},
    onclose: () => (isLost = true),
    connection: {
      application_name: settings.name,
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      // Every statement finds its rows by an index. Plans are remembered: one made for an empty table would read all of a full one.
      enable_seqscan: 'off',
      // Where all must be read nevertheless, the planner’s fine for it must not make it compile the plan.
      jit: 'off',
      TimeZone: 'UTC',
      DateStyle: 'ISO, MDY',
    },
    socket: onlySocket,
  } as postgres.Options<Record<string, postgres.PostgresType>>)

  // With one host left, postgres.js reports a failure instead of going to the next host by itself.
  const { host, port } = sql.options
  host.splice(0, host.length, host[attempt % host.length]!)
  port.splice(0, port.length, port[attempt % port.length]!)

  function destroy() {
    isLost = true
    attemptEnd.abort()
    socket?.destroy()
    void sql.end({ timeout: 0 }).catch(() => {})
  }

  try {
    const timeout = () => Object.assign(new Error('no answer in time'), { code: 'CONNECT_TIMEOUT' })
    const [row] = await settleBefore(
      sql.unsafe('select pg_is_in_recovery()').values(),
      performance.now() + settings.connectTimeoutMs,
      timeout,
    )
    if (row?.[0] === true) throw new Error('the server is a standby and takes no writes')
  } catch (error) {
    destroy()
    throw error
  }

  return {
    sql,
    openedAt: performance.now(),
    isLost: () => isLost,
    destroy,
    async end() {
      isLost = true
      await sql.end({ timeout: 1 }).catch(() => {})
      socket?.destroy()
    },
  }
}
