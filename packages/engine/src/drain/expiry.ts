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
 * the first contact with the database, while the wall clock is far from the database's, and where the stamp itself was made before
 * the first contact.
 */
export function isTooOld(
  { stamp, isStampGuessed, priority }: PendingCommand,
  { expiryMs, mode, replayHorizonMs }: ExpiryRules,
  time: PhysicalTime,
): boolean {
  if (isStampGuessed === true || !time.isKnown() || time.isUnbearable()) return false
  const age = time.now() - millisecondsOf(stamp)
  return age > replayHorizonMs || (mode === 'absolute' && priority === 1 && age > expiryMs)
}

/** Whether it has become too old by the time in which it could have been applied: the rule for what tells no age, in both modes. */
export const hasWaitedTooLong = (
  { isStampGuessed, priority }: PendingCommand,
  { expiryMs, mode }: ExpiryRules,
  waitedMs: number,
): boolean => priority === 1 && (mode === 'reachable' || isStampGuessed === true) && waitedMs >= expiryMs

/** For an instance without a buffer. */
export const noExpiry: ExpiryRules = {
  expiryMs: Number.POSITIVE_INFINITY,
  mode: 'reachable',
  replayHorizonMs: Number.POSITIVE_INFINITY,
}
