/** A value that a statement takes: everything else is turned into one of these by the caller (times as ISO strings, rows as JSON text). */
export type Parameter = string | number | boolean | null

/**
 * One row as an array in the order of the select list. Text, uuid, jsonb (as text) and timestamps are strings as the
 * server prints them, int2/int4/float8 numbers, int8 and numeric strings, booleans booleans, null null; text[] is an array of strings.
 */
export type Row = readonly unknown[]

/**
 * One connection with one statement in flight: the only way to a database, for Postgres and for PGlite.
 *
 * - `query` sends one parametrised statement, prepared by its text, and is atomic: there is no open transaction, ever.
 * - A call waits in the lane's bounded queue for its turn; its deadline counts from the call.
 * - It rejects with `LaneError` and nothing else; a lane heals itself (a dead connection is replaced, a missed deadline
 *   throws the connection away) and never needs a restart.
 */
export interface Lane {
  query(text: string, parameters: readonly Parameter[], deadlineMs: number): Promise<readonly Row[]>
  /** Sends a whole script by the simple protocol: one implicit transaction. For migrations alone. */
  script(text: string, deadlineMs: number): Promise<void>
  /** Lets the statement in flight end (at most 1 s), refuses the waiting ones as `not_sent`, closes the connection. */
  close(): Promise<void>
}

/**
 * - `not_sent`: no server saw the statement (connect failed, queue full, deadline passed while waiting, lane closed).
 * - `refused`: the server answered with an error; nothing was done. `sqlstate` and, if the server named one, `constraint` are set.
 * - `unknown`: sent and unanswered (deadline missed, connection lost): it may be done, or may yet be.
 */
export type LaneFailure = 'not_sent' | 'refused' | 'unknown'

/**
 * What was not to be had before the deadline: a `turn` (it passed in the queue, or that was full), which says nothing about the
 * server; or an `answer` (a connection is part of it).
 */
export type Missed = 'turn' | 'answer'

/** Carries no SQL text and no parameter: both may hold what users wrote. */
export class LaneError extends Error {
  override readonly name = 'LaneError'
  readonly failure: LaneFailure
  readonly sqlstate: string | undefined
  readonly constraint: string | undefined
  readonly missed: Missed | undefined

  constructor(
    failure: LaneFailure,
    message: string,
    known: { sqlstate?: string | undefined; constraint?: string | undefined; missed?: Missed } = {},
  ) {
    super(message)
    this.failure = failure
    this.sqlstate = known.sqlstate
    this.constraint = known.constraint
    this.missed = known.missed
  }
}
