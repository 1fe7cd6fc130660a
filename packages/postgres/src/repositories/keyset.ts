import { sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'

/** Whether a row comes after a position in a list of the newest first: one range of an index on (…, time, id). */
export const isBefore = (time: AnyPgColumn, id: AnyPgColumn, atMs: number, atId: string): SQL =>
  sql`(${time}, ${id}) < (${new Date(atMs).toISOString()}, ${atId})`
