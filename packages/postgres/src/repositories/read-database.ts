import { drizzle } from 'drizzle-orm/pg-proxy'
import type { LaneSet } from '../lanes/lane-set.ts'
import type { Parameter } from '../lanes/lane.ts'
import { readFailure } from '../store/store-failure.ts'

/** Drizzle for reading, over the read lanes. */
export type ReadDatabase = ReturnType<typeof createReadDatabase>

/** Builds queries with Drizzle and sends them over the read lanes. Every call rejects with `StoreError` alone. */
export function createReadDatabase(lanes: LaneSet, deadlineMs: number) {
  return drizzle(async (text, parameters) => ({
    rows: [...(await lanes.read().query(text, parameters as readonly Parameter[], deadlineMs))] as unknown[][],
  }))
}

/** Awaits a query; what it throws becomes a `StoreError` without SQL and parameters, which Drizzle’s own errors carry. */
export async function reading<Result>(query: PromiseLike<Result>): Promise<Result> {
  try {
    return await query
  } catch (error) {
    throw readFailure((error as { cause?: unknown }).cause ?? error)
  }
}
