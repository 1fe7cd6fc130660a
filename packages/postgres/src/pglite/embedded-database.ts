import { mkdirSync } from 'node:fs'
import { acquireDirectoryLock } from '@holdfast/durable-files/directory-lock'
import { type Lane, LaneError, type Row } from '../lanes/lane.ts'
import { createReconnectPause } from '../lanes/reconnect-pause.ts'
import { settleBefore } from '../lanes/settle-before.ts'
import { createTurnQueue } from '../lanes/turn-queue.ts'
import { encodeParameter } from '../lanes/wire-values.ts'
import { clusterExists, needsRecovery } from './cluster.ts'
import { type EngineWorker, startEngineWorker } from './engine-worker.ts'
import type { Answer, Request } from './worker-messages.ts'

export interface EmbeddedDatabaseOptions {
  /** A directory of its own: the database is in `cluster` inside it, the lock beside that. */
  directory: string
  /** Told of everything that may take over a second. */
  onProgress?: (message: string) => void
}

/** Postgres inside this process, durable and single: every lane of it leads to the same one connection. */
export interface EmbeddedDatabase {
  /** One statement of a lane is in the engine's queue at a time, so that a busy lane does not starve the others. */
  lane(options?: { onStatement?: (() => void) | undefined; maxWaiting?: number }): Lane
  /** Flushes to disk that the database asked for since it was opened, as of the last answer. */
  fsyncCount(): number
  /** Lets the statement in flight end (at most 1 s), shuts the database down, gives the directory back. */
  close(): Promise<void>
}

/** Each lane has one statement here, so this bounds the lanes that can be busy at once. */
const maxLanes = 64
const createTimeoutMs = 120_000
const openTimeoutMs = 120_000
const lastStatementMs = 1_000
const shutdownMs = 10_000
const maintenance = { everyStatements: 500, whenIdleMs: 1_000, deadlineMs: 60_000 }

/**
 * Opens the embedded database, making it first if there is none.
 *
 * States: **open** → (a statement misses its deadline, or Postgres breaks) → **reopening**: the thread is ended, a new one opens the
 * files and recovers from the log, statements wait within their deadlines → **open**, or, when that fails, **down**: statements are
 * refused at once as `not_sent`, and the next one after a short pause tries again. `close` ends all of them.
 *
 * @throws one clear error when the directory is in use, or when the database cannot be opened or is not durable
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { directory, onProgress = () => {} } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = await acquireDirectoryLock(directory)
  const turns = createTurnQueue({ maxWaiting: maxLanes })
  const pause = createReconnectPause()
  let current: Promise<EngineWorker> | undefined
  let fsyncCount = 0
  let sinceMaintenance = 0
  let idleTimer: NodeJS.Timeout | undefined
  let isClosed = false

  async function create() {
    onProgress(`Creating the embedded database in ${directory} (a few seconds, once).`)
    const maker = await startEngineWorker({ kind: 'create', directory }, createTimeoutMs)
    await maker.terminate()
  }

  async function start(): Promise<EngineWorker> {
    // Only the first opening may create: a database that is gone later must not be replaced by an empty one.
    if (!clusterExists(directory)) throw new Error(`there is no database in ${directory} any more`)
    if (needsRecovery(directory)) onProgress('The embedded database was not shut down: recovering it from its log.')
    return startEngineWorker({ kind: 'open', directory }, openTimeoutMs)
  }

  async function reopen(previous: EngineWorker | undefined): Promise<EngineWorker> {
    try {
      await previous?.terminate()
      return await start()
    } catch (error) {
      current = undefined
      const message = `The embedded database cannot be opened: ${sentenceOf(error)}`
      pause.attemptFailed(message)
      turns.refuseWaiting(message)
      throw new LaneError('not_sent', message)
    }
  }

  async function engine(): Promise<EngineWorker> {
    if (current === undefined) {
      const reason = pause.reason()
      if (reason !== undefined) throw new LaneError('not_sent', reason)
      current = reopen(undefined)
    }
    const known = current
    const open = await known
    if (!open.isDead()) return open
    if (current === known) replace(open)
    return engine()
  }

  /** Ends the thread and starts the next one at once: what waits should find it open. */
  function replace(broken: EngineWorker) {
    if (isClosed) return
    current = reopen(broken)
    // Whoever waits hears of a failure; nobody may be waiting.
    current.catch(() => {})
  }

  async function run(request: Request, deadlineAt: number, onStatement?: () => void): Promise<unknown[][]> {
    const endTurn = await turns.take(deadlineAt)
    try {
      const tooLate = () => new LaneError('not_sent', 'The embedded database was not open before the deadline.', { missed: 'answer' })
      const open = await settleBefore(engine(), deadlineAt, tooLate)
      onStatement?.()
      return await askBefore(open, request, deadlineAt)
    } finally {
      endTurn()
    }
  }

  async function askBefore(open: EngineWorker, request: Request, deadlineAt: number): Promise<unknown[][]> {
    const unanswered = () => new LaneError('unknown', 'The embedded database did not answer before the deadline.', { missed: 'answer' })
    let answer: Answer
    try {
      answer = await settleBefore(open.ask(request), deadlineAt, unanswered)
    } catch (error) {
      replace(open)
      throw error
    }
    if (answer.kind === 'broken' || answer.kind === 'opened') {
      replace(open)
      throw new LaneError('unknown', answer.kind === 'broken' ? answer.message : 'The embedded database gave a wrong answer.')
    }
    pause.answered()
    if (answer.kind === 'refused') throw refusal(answer, request)
    fsyncCount = answer.fsyncCount
    return answer.rows
  }

  function maintainSoon() {
    sinceMaintenance++
    clearTimeout(idleTimer)
    const delayMs = sinceMaintenance >= maintenance.everyStatements ? 0 : maintenance.whenIdleMs
    idleTimer = setTimeout(() => {
      sinceMaintenance = 0
      // Nobody waits for it, and what it could not do it does the next time.
      run({ kind: 'maintain' }, performance.now() + maintenance.deadlineMs).catch(() => {})
    }, delayMs).unref()
  }

  try {
    if (!clusterExists(directory)) await create()
    current = start()
    await current
  } catch (error) {
    await lock.release()
    throw new Error(`The embedded database in ${directory} cannot be opened: ${sentenceOf(error)}`, { cause: error })
  }

  return {
    lane({ onStatement, maxWaiting = 256 } = {}) {
      const laneTurns = createTurnQueue({ maxWaiting })
      async function call(request: Request, deadlineMs: number) {
        const deadlineAt = performance.now() + deadlineMs
        const endTurn = await laneTurns.take(deadlineAt)
        try {
          return await run(request, deadlineAt, onStatement)
        } finally {
          endTurn()
          if (!isClosed) maintainSoon()
        }
      }
      return {
        async query(text, parameters, deadlineMs) {
          return (await call({ kind: 'query', text, values: parameters.map(encodeParameter) }, deadlineMs)) as unknown as Row[]
        },
        async script(text, deadlineMs) {
          await call({ kind: 'script', text }, deadlineMs)
        },
        async close() {
          await settled(laneTurns.close('The lane is closed.'), lastStatementMs)
        },
      }
    },
    fsyncCount: () => fsyncCount,
    async close() {
      if (isClosed) return
      isClosed = true
      clearTimeout(idleTimer)
      const isIdle = await settled(turns.close('The embedded database is closed.'), lastStatementMs)
      const open = await current?.catch(() => undefined)
      if (isIdle && open !== undefined) await settled(open.ask({ kind: 'close' }), shutdownMs)
      await open?.terminate()
      await lock.release()
    },
  }
}

/** Whether `promise` settled in time; never rejects. */
function settled(promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  return settleBefore(promise, performance.now() + withinMs, () => new Error('not in time')).then(
    () => true,
    () => false,
  )
}

function refusal(answer: Answer & { kind: 'refused' }, request: Request): LaneError {
  const constraint = answer.constraint === undefined ? '' : `, constraint ${answer.constraint}`
  // A statement's message may quote a parameter; a script's is our own SQL.
  const message = request.kind === 'script' ? `: ${answer.message}` : ''
  return new LaneError('refused', `Postgres refused the statement (${answer.sqlstate}${constraint})${message}.`, answer)
}

function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').replace(/\.?$/, '.')
}
