import { millisecondsOf } from '@holdfast/domain/stamp'
import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { PhysicalTime } from '../time/physical-time.ts'

export interface ExpiryRules {
  /** Age at which a pending command of class 1 becomes a dead letter, in milliseconds. */
  readonly expiryMs: number
  /** What counts as age: the time in which it could have been applied, or all time. */
  readonly mode: 'reachable' | 'absolute'
  /** Older than this no command is ever applied: the store no longer remembers whether it was. In milliseconds. */
  readonly replayHorizonMs: number
}

/**
 * Whether a pending command is too old to be applied, by its stamp. Nothing is too old by a clock that is not known to be right: before
 * the first contact with the database, and while the wall clock is far from the database's.
 */
export function isTooOld(
  { stamp, priority }: PendingCommand,
  { expiryMs, mode, replayHorizonMs }: ExpiryRules,
  time: PhysicalTime,
): boolean {
  if (!time.isKnown() || time.isUnbearable()) return false
  const age = time.now() - millisecondsOf(stamp)
  return age > replayHorizonMs || (mode === 'absolute' && priority === 1 && age > expiryMs)
}

/** For an instance without a buffer. */
export const noExpiry: ExpiryRules = {
  expiryMs: Number.POSITIVE_INFINITY,
  mode: 'reachable',
  replayHorizonMs: Number.POSITIVE_INFINITY,
}
