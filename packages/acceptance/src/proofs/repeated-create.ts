import type { RestAnswer } from '../rest-request.ts'

/** How a write was acknowledged. */
export type Durability = 'committed' | 'buffered'

/**
 * Whether a create that was acknowledged and is sent again under its key, and not refused, is told that it was done before. It says
 * so, with one exception: while the database is away nobody knows what was committed there, so that it is buffered anew, for whoever
 * does not ask for the database or nothing; the drain finds it done (decision 11).
 */
export function isToldAsRepeated(acknowledgedAs: Durability, wish: 'any' | 'committed', { status, headers }: RestAnswer): boolean {
  const isBuffered = status === 202
  if (isBuffered && wish === 'committed') return false
  return headers.get('idempotency-replayed') === 'true' || (isBuffered && acknowledgedAs === 'committed')
}
