import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { LaneError } from '../lanes/lane.ts'

/** SQLSTATE classes and codes → what they mean for a batch. The first prefix that fits decides; anything else may pass later. */
const meanings: readonly (readonly [prefix: string, failure: StoreError['failure']])[] = [
  ['23505', 'contended'], // an operation of the batch exists, or a row was made at this moment
  ['40', 'contended'], // serialization failure, deadlock
  ['55P03', 'contended'], // a lock was not given in time
  ['22', 'invalid'], // a value that Postgres cannot hold
  ['23', 'invalid'], // a constraint
  ['54', 'invalid'], // larger than Postgres can hold
  ['28', 'misconfigured'], // refused to log in
  ['3D', 'misconfigured'], // no such database
  ['42', 'misconfigured'], // missing table, column or right
]

/** Turns a lane’s failure into the store’s: what was refused is known not to be done, what was sent and not answered is unknown. */
export function storeFailure(error: unknown): StoreError {
  if (!(error instanceof LaneError)) return new StoreError('unknown')
  if (error.failure !== 'refused') return new StoreError(error.failure === 'not_sent' ? 'unavailable' : 'unknown', error.sqlstate)
  const { sqlstate = '' } = error
  const failure = meanings.find(([prefix]) => sqlstate.startsWith(prefix))?.[1] ?? 'unavailable'
  return new StoreError(failure, error.sqlstate)
}

/** The same for reads, where what is unknown was simply not read. */
export function readFailure(error: unknown): StoreError {
  const { failure, sqlstate } = storeFailure(error)
  return new StoreError(failure === 'misconfigured' ? failure : 'unavailable', sqlstate)
}
