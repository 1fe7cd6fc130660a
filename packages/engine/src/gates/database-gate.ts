import { createGate, type Gate } from '@holdfast/resilience/gate'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Deadlines } from '../apply/deadlines.ts'

/** A call that takes more than this share of a write’s deadline counts as a failure. */
const slowShare = 0.75

/**
 * The gate of the database, closed. Two failures in a row open it, so that after the first writes of an outage, which wait for
 * their deadline, all others are buffered at once.
 */
export const createDatabaseGate = (clock: Clock, { writeMs }: Pick<Deadlines, 'writeMs'>): Gate =>
  createGate({ clock, slowMs: writeMs * slowShare, probeTimeoutMs: writeMs * 2 })
