import type { Clock } from '@holdfast/usecases/ports/clock'

/** Beyond this the wall clock is worth a warning. */
const noticeableSkewMs = 500

/** Beyond this no time of this machine decides anything for good. */
const bearableSkewMs = 60_000

/**
 * What time it is, as far as the database knows: its clock at the last contact and the monotonic time since, so that a wall
 * clock that steps changes nothing. Before the first contact, the wall clock.
 */
export interface PhysicalTime {
  /** Milliseconds since 1970. */
  now(): number
  /** Takes note of the database’s clock (milliseconds since 1970), as of now. */
  learn(at: number): void
  /** How much later the wall clock is, in milliseconds; 0 before the first contact. */
  skewMs(): number
  /** Whether the wall clock is worth a warning. */
  isSkewed(): boolean
  /** Whether the wall clock is off by so much that what merges by time must wait for the database. */
  isUnbearable(): boolean
  /** Whether this is the database’s time and not only this machine’s: what is over for good by it is over. */
  isKnown(): boolean
}

/** Physical time that has had no contact yet. */
export function createPhysicalTime(clock: Clock): PhysicalTime {
  let offset: number | null = null
  const now = (): number => (offset === null ? clock.now() : clock.monotonic() + offset)
  const skewMs = (): number => (offset === null ? 0 : clock.now() - now())
  return {
    now,
    learn(at) {
      offset = at - clock.monotonic()
    },
    skewMs,
    isSkewed: () => Math.abs(skewMs()) > noticeableSkewMs,
    isUnbearable: () => Math.abs(skewMs()) > bearableSkewMs,
    isKnown: () => offset !== null,
  }
}
