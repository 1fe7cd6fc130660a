import { drizzle } from 'drizzle-orm/pg-proxy'
import type { Gate } from '@holdfast/resilience/gate'
import type { LaneSet } from '../lanes/lane-set.ts'
import { LaneError, type Parameter } from '../lanes/lane.ts'
import { readFailure } from '../store/store-failure.ts'
import { createReadWitness } from './read-witness.ts'

/** Drizzle for reading, over the read lanes. */
export type ReadDatabase = ReturnType<typeof createReadDatabase>

/** Of the deadline of a read: how long the database may take for a statement that asks for nothing. */
const probeShare = 0.5

/**
 * Builds queries with Drizzle and sends them over the read lanes. Every call rejects with `StoreError` alone. `gate`: of the
 * database; while it is not closed nothing is sent, and it is told where the database does not answer.
 */
export function createReadDatabase(lanes: LaneSet, deadlineMs: number, gate: Gate | null = null) {
  // On a lane of its own kind: the read lanes may all be busy with what is slow.
  const probe = () => lanes.direct(0).query('select 1', [], deadlineMs * probeShare)
  const witness = gate && createReadWitness(gate, probe)
  return drizzle(async (text, parameters) => {
    const admission = witness?.admit()
    if (admission === null) throw new LaneError('not_sent', 'the database does not answer, and is not asked until it does')
    try {
      const rows = await lanes.read().query(text, parameters as readonly Parameter[], deadlineMs)
      return { rows: [...rows] as unknown[][] }
    } catch (error) {
      if (admission !== undefined) witness?.failed(admission, error)
      throw error
    }
  })
}

/** Awaits a query; what it throws becomes a `StoreError` without SQL and parameters, which Drizzle’s own errors carry. */
export async function reading<Result>(query: PromiseLike<Result>): Promise<Result> {
  try {
    return await query
  } catch (error) {
    throw readFailure((error as { cause?: unknown }).cause ?? error)
  }
}
