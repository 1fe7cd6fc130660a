import { drizzle } from 'drizzle-orm/pg-proxy'
import type { Gate } from '@holdfast/resilience/gate'
import type { LaneSet } from '../lanes/lane-set.ts'
import { LaneError, type Parameter } from '../lanes/lane.ts'
import { readFailure } from '../store/store-failure.ts'

/** Drizzle for reading, over the read lanes. */
export type ReadDatabase = ReturnType<typeof createReadDatabase>

/**
 * Builds queries with Drizzle and sends them over the read lanes. Every call rejects with `StoreError` alone. `gate`: of the
 * database; while it is not closed nothing is sent. How long a read takes tells it nothing: that depends on what is asked.
 */
export function createReadDatabase(lanes: LaneSet, deadlineMs: number, gate: Gate | null = null) {
  return drizzle(async (text, parameters) => {
    const admission = gate?.admitIfClosed()
    if (admission === null) throw new LaneError('not_sent', 'the database does not answer, and is not asked until it does')
    try {
      return { rows: [...(await lanes.read().query(text, parameters as readonly Parameter[], deadlineMs))] as unknown[][] }
    } catch (error) {
      if (!(error instanceof LaneError && error.failure === 'refused')) admission?.failed()
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
