import type { RestAnswer } from '@holdfast/acceptance/rest-request'
import { withSql } from '@holdfast/acceptance/with-sql'

/** How a write was acknowledged. */
export type Durability = 'committed' | 'buffered'

/**
 * What a create that was acknowledged is told when it is sent again under its key, and not refused:
 * - `done before`: that it was done before, as it must be;
 * - `buffered anew`: nothing of that, with a 202. Only right when it is in the database by then and the database is away: nobody
 *   can know, and the drain finds it done (decision 11). `findUnapplied` tells;
 * - `wrong`: nothing of that, or that it is buffered, to a caller who asked for the database or nothing.
 */
export function judgeRepetition(wish: 'any' | 'committed', { status, headers }: RestAnswer): 'done before' | 'buffered anew' | 'wrong' {
  const isBuffered = status === 202
  if (isBuffered && wish === 'committed') return 'wrong'
  if (headers.get('idempotency-replayed') === 'true') return 'done before'
  return isBuffered ? 'buffered anew' : 'wrong'
}

/** A create that was answered as buffered anew. */
export interface BufferedAnew {
  readonly title: string
  readonly operationId: string
  /** When that answer was there, in ms since 1970. */
  readonly answeredAt: number
}

/** Which of these were not in the database when they were answered so: whoever holds them in its own buffer must say so. As sentences. */
export const findUnapplied = (databaseUrl: string, repetitions: readonly BufferedAnew[]): Promise<readonly string[]> =>
  withSql(databaseUrl, async (sql) => {
    const applied = await sql<{ id: string; appliedAt: Date }[]>`
      select id, applied_at as "appliedAt" from operations where id in ${sql([null, ...repetitions.map(({ operationId }) => operationId)])}`
    const appliedAt = new Map(applied.map((one) => [one.id, one.appliedAt.getTime()]))
    return repetitions
      .filter(({ operationId, answeredAt }) => (appliedAt.get(operationId) ?? Infinity) > answeredAt)
      .map(({ title }) => `${title}: sent again while it waited, and not told that it had been done`)
  })
