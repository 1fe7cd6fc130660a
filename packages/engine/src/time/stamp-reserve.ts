import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { makeStamp } from '@holdfast/domain/stamp'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Log } from '@holdfast/usecases/ports/log'

/** So far ahead of the clock stamps are reserved; a restart begins behind them. */
const aheadMs = 3_000

/** With less left than this the reserve is extended. */
const leastLeftMs = 1_500

/**
 * Keeps on disk a stamp that is later than all that this instance has given out or received, so that after a restart it never
 * stamps before its own earlier writes, whatever the wall clock says and though the database is away. Source: the persisted upper
 * bound of CockroachDB’s hybrid logical clock.
 */
export interface StampReserve {
  /** To be called when a write begins: extends the reserve if it will soon be used up. */
  prepare(): void
  /** To be awaited before a write is acknowledged; mostly there is nothing to wait for, and this is `null`. Never rejects. */
  covered(): Promise<void> | null
}

export interface StampReserveParts {
  readonly hybridClock: HybridClock
  /** What the hybrid clock goes by: milliseconds since 1970. */
  readonly physicalNow: () => number
  readonly instance: InstanceId
  readonly buffer: CommandBuffer
  readonly log: Log
}

/** A reserve that is used up. */
export function createStampReserve({ hybridClock, physicalNow, instance, buffer, log }: StampReserveParts): StampReserve {
  let reservedMs = 0
  let extending: Promise<void> | null = null

  const extend = async (): Promise<void> => {
    const untilMs = Math.max(hybridClock.milliseconds, Math.trunc(physicalNow())) + aheadMs
    try {
      await buffer.remember(makeStamp(untilMs, 0, instance))
    } catch (error) {
      // What is committed is committed: only the order after a restart during an outage is at stake.
      log.warn('stamps could not be reserved on disk', { error: (error as Error).name })
    }
    reservedMs = Math.max(reservedMs, untilMs)
    extending = null
  }
  const prepare = (): void => {
    if (Math.max(hybridClock.milliseconds, physicalNow()) + leastLeftMs > reservedMs) extending ??= extend()
  }
  /** The extension that is under way may have begun before a later stamp was received. */
  const cover = async (untilMs: number): Promise<void> => {
    while (untilMs >= reservedMs) await (extending ??= extend())
  }
  return {
    prepare,
    covered() {
      return hybridClock.milliseconds < reservedMs ? null : cover(hybridClock.milliseconds)
    },
  }
}
