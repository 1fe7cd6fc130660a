/**
 * Every wait on the write path, in milliseconds. Always lock < statement < command < HTTP: what waits longer gives up later,
 * so that the one that gives up first can say what is known.
 */
export interface Deadlines {
  /** How long Postgres waits for a lock (`lock_timeout`). */
  readonly lockMs: number
  /** How long Postgres works on a statement (`statement_timeout`). */
  readonly statementMs: number
  readonly connectMs: number
  /** From submission to receipt. */
  readonly writeMs: number
  /** One batch of the drain, from reading to having written. */
  readonly drainMs: number
  /** A read of the API. */
  readonly readMs: number
}

export const serverDeadlines: Deadlines = { lockMs: 100, statementMs: 350, connectMs: 250, writeMs: 400, drainMs: 5_000, readMs: 2_000 }

/** The embedded engine has one connection and no network: slower under load, but it does not go away. */
export const embeddedDeadlines: Deadlines = {
  lockMs: 100,
  statementMs: 1_900,
  connectMs: 1_900,
  writeMs: 2_000,
  drainMs: 10_000,
  readMs: 4_000,
}
