import type { UnsafeQueryOptions } from 'postgres'
import { type Lane, LaneError, type Row } from './lane.ts'
import { type ConnectionSettings, openPostgresConnection, type PostgresConnection } from './postgres-connection.ts'
import { connectFailure, keepsConnection, statementFailure } from './postgres-failure.ts'
import { createReconnectPause } from './reconnect-pause.ts'
import { settleBefore } from './settle-before.ts'
import { createTurnQueue } from './turn-queue.ts'
import { encodeParameter } from './wire-values.ts'

export interface PostgresLaneOptions {
  /** A `postgres://` url; `sslmode` and `sslrootcert` decide about TLS. */
  url: string
  /** Shown to operators as `application_name`. */
  name: string
  connectTimeoutMs?: number
  statementTimeoutMs?: number
  lockTimeoutMs?: number
  maxWaiting?: number
  /** Called each time a statement is handed to the server. */
  onStatement?: (() => void) | undefined
}

/** Names are looked up again and the server's memory for prepared statements is given back at these bounds. */
const maxAgeMs = 30 * 60_000
const maxStatementTexts = 500
const maxParameters = 65_534
const lastStatementMs = 1_000

// postgres.js would send a statement without parameters by the simple protocol, which allows several and prepares none.
const prepared = { prepare: true, simple: false } as UnsafeQueryOptions
const simple = { prepare: false, simple: true } as UnsafeQueryOptions

/**
 * One Postgres connection at a time behind a queue.
 *
 * States: **empty** (nothing open; entered at first, and when a connection is lost, too old, or thrown away after a missed
 * deadline) → **connecting** (a statement came; bounded by `connectTimeoutMs`) → **ready**. A connect that fails refuses
 * everything that waits and starts a short pause, in which statements are refused at once: an outage costs nobody a wait, and
 * a server that accepts and closes is not hammered. The pause grows until a statement is answered.
 */
export function createPostgresLane(options: PostgresLaneOptions): Lane {
  const { name, maxWaiting = 256, onStatement } = options
  const settings: ConnectionSettings = {
    url: options.url,
    name,
    connectTimeoutMs: options.connectTimeoutMs ?? 250,
    statementTimeoutMs: options.statementTimeoutMs ?? 350,
    lockTimeoutMs: options.lockTimeoutMs ?? 100,
  }
  const turns = createTurnQueue({ maxWaiting })
  const pause = createReconnectPause()
  let current: Promise<PostgresConnection> | undefined
  let texts = new Set<string>()
  let hasAnswered = false

  async function connect(): Promise<PostgresConnection> {
    try {
      return await openPostgresConnection(settings, pause.failures())
    } catch (error) {
      current = undefined
      const failure = connectFailure(error)
      pause.attemptFailed(failure.message)
      turns.refuseWaiting(failure.message)
      throw failure
    }
  }

  /** The open connection, or a new one. A connect that outlasts its caller's deadline serves the next call. */
  async function connection(): Promise<PostgresConnection> {
    const known = current
    const open = await known
    if (current !== known) return connection()
    if (open !== undefined) {
      if (!open.isLost() && performance.now() - open.openedAt < maxAgeMs && texts.size < maxStatementTexts) return open
      void open.end()
      current = undefined
    }
    const reason = pause.reason()
    if (reason !== undefined) throw new LaneError('not_sent', reason)
    texts = new Set()
    hasAnswered = false
    current = connect()
    return current
  }

  async function run(
    send: (open: PostgresConnection) => PromiseLike<unknown[]>,
    deadlineMs: number,
    { withServerMessage = false } = {},
  ): Promise<unknown[]> {
    const deadlineAt = performance.now() + deadlineMs
    const endTurn = await turns.take(deadlineAt)
    try {
      const tooLate = () => new LaneError('not_sent', `Postgres could not be reached within ${deadlineMs} ms.`, { missed: 'answer' })
      const open = await settleBefore(connection(), deadlineAt, tooLate)
      onStatement?.()
      const unanswered = () => new LaneError('unknown', `Postgres did not answer within ${deadlineMs} ms.`, { missed: 'answer' })
      try {
        const answer = await settleBefore(send(open), deadlineAt, unanswered)
        answered()
        return answer
      } catch (error) {
        const failure = error instanceof LaneError ? error : statementFailure(error, { withServerMessage })
        if (failure.failure === 'refused') answered()
        if (!keepsConnection(failure)) discard(open, failure)
        throw failure
      }
    } finally {
      endTurn()
    }
  }

  function answered() {
    hasAnswered = true
    pause.answered()
  }

  function discard(open: PostgresConnection, failure: LaneError) {
    open.destroy()
    current = undefined
    // A server that lets us in and drops us before any answer must not be dialled in a loop either.
    if (!hasAnswered) pause.attemptFailed(failure.message)
  }

  return {
    async query(text, parameters, deadlineMs) {
      if (parameters.length > maxParameters) throw new LaneError('refused', `A statement takes at most ${maxParameters} parameters.`)
      const rows = await run((open) => {
        texts.add(text)
        return open.sql.unsafe(text, parameters.map(encodeParameter), prepared).values() as PromiseLike<unknown[]>
      }, deadlineMs)
      // postgres.js leaves holes at the start of an answer that follows one which failed after its first rows (porsager/postgres#1120).
      return rows.filter(() => true) as Row[]
    },
    async script(text, deadlineMs) {
      await run((open) => open.sql.unsafe(text, [], simple), deadlineMs, { withServerMessage: true })
    },
    async close() {
      const idle = turns.close(`The lane ${name} is closed.`)
      const timeout = () => new Error('still running')
      const isIdle = await settleBefore(idle, performance.now() + lastStatementMs, timeout).then(
        () => true,
        () => false,
      )
      const open = await current?.catch(() => undefined)
      current = undefined
      if (isIdle) await open?.end()
      else open?.destroy()
    },
  }
}
