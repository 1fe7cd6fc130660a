import type { PriorityClass } from '@holdfast/domain/priority-class'
import type { Totals } from './totals.ts'

export interface CommandBufferLimits {
  /** Records of both classes. */
  readonly count: number
  /** Bytes of their frames. */
  readonly bytes: number
  /** 0 to 1: the share of both that one actor’s commands of class 1 may take; one command at least. */
  readonly actorShare: number
  /** What is kept beyond both limits for class 0 alone, as a share of them. */
  readonly reserveShare: number
}

/** A contract’s largest input makes a record of about 140 kB. */
export const maxRecordBytes = 192 * 1024

/** Bounds of one commit, and of what waits for one; class 0 may wait beyond them by its reserve. */
export const commitLimits = { count: 1_000, bytes: 4 * 1024 * 1024, waitingCount: 20_000, waitingBytes: 32 * 1024 * 1024 } as const

const fits = (taken: Totals, bytes: number, limit: Totals): boolean => taken.count + 1 <= limit.count && taken.bytes + bytes <= limit.bytes

const scaled = ({ count, bytes }: Totals, by: number): Totals => ({ count: Math.floor(count * by), bytes: Math.floor(bytes * by) })

/** What is taken already, each with what is under way. */
export interface Taken {
  readonly all: Totals
  readonly waiting: Totals
  /** The actor’s, of class 1. */
  readonly actor: Totals
}

/** Whether one more record may be taken. Class 0 has the reserve and no share. */
export function admits(limits: CommandBufferLimits, priority: PriorityClass, bytes: number, { all, waiting, actor }: Taken): boolean {
  const room = priority === 0 ? 1 + limits.reserveShare : 1
  const waitingLimit = { count: commitLimits.waitingCount, bytes: commitLimits.waitingBytes }
  return (
    fits(all, bytes, scaled(limits, room)) &&
    fits(waiting, bytes, scaled(waitingLimit, room)) &&
    (priority === 0 || actor.count === 0 || fits(actor, bytes, scaled(limits, limits.actorShare)))
  )
}
