import postgres from 'postgres'
import { LaneError } from './lane.ts'

/** SQLSTATEs with which the server ends the connection under a statement: what the statement did is not known. */
const connectionEnds = /^(08|57P0[123])/

/** SQLSTATEs after which the connection is worth nothing: it leads to a server that is read-only now (failover). */
const wrongServer = '25006'

/** What postgres.js threw while a connection was being made: no statement was sent. */
export function connectFailure(error: unknown): LaneError {
  // Of the server's own messages these few name users and databases, never what users wrote.
  const reason = isServerError(error) ? `${error.message} (${error.code})` : describe(error)
  return new LaneError('not_sent', `Cannot connect to Postgres: ${reason}.`, { sqlstate: isServerError(error) ? error.code : undefined })
}

/**
 * What postgres.js threw for a statement in flight. A server error means that the server has rolled back and is ready again
 * (postgres.js rejects at ReadyForQuery), unless it is the server's farewell.
 */
export function statementFailure(error: unknown, { withServerMessage = false } = {}): LaneError {
  if (!isServerError(error)) return new LaneError('unknown', `The connection was lost with the statement in flight (${codeOf(error)}).`)
  const server = { sqlstate: error.code, constraint: error.constraint_name }
  if (connectionEnds.test(error.code))
    return new LaneError('unknown', `Postgres ended the connection under the statement (${error.code}).`, server)
  const constraint = error.constraint_name === undefined ? '' : `, constraint ${error.constraint_name}`
  const message = withServerMessage ? `: ${error.message}` : ''
  return new LaneError('refused', `Postgres refused the statement (${error.code}${constraint})${message}.`, server)
}

/** Whether the connection can carry the next statement after this failure. */
export function keepsConnection(failure: LaneError): boolean {
  return failure.failure === 'refused' && failure.sqlstate !== wrongServer
}

function isServerError(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const code = codeOf(error)
  return message === '' || message === code ? code : `${message} (${code})`
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : error instanceof Error ? error.message : 'unknown reason'
}
