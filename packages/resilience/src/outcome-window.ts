/** Counts of the last one to two `halfMs`: two halves, of which the older is forgotten at once. Monotonic milliseconds. */
export interface OutcomeWindow {
  readonly beganAt: number
  readonly current: Counts
  readonly previous: Counts
}

interface Counts {
  readonly good: number
  readonly bad: number
}

const halfMs = 1_000
/** Fewer failures than this are no share of anything. */
const leastFailures = 5
const failingShare = 0.5

const none: Counts = { good: 0, bad: 0 }

export const emptyWindow = (now: number): OutcomeWindow => ({ beganAt: now, current: none, previous: none })

/** The window with one outcome more, and without those that are too old. */
export function withOutcome(window: OutcomeWindow, isGood: boolean, now: number): OutcomeWindow {
  const { beganAt, current, previous } = moved(window, now)
  const counted = isGood ? { ...current, good: current.good + 1 } : { ...current, bad: current.bad + 1 }
  return { beganAt, current: counted, previous }
}

/** Whether half or more of what the window holds failed: a dependency that flaps fails seldom twice in a row. */
export function isMostlyFailing({ current, previous }: OutcomeWindow): boolean {
  const bad = current.bad + previous.bad
  return bad >= leastFailures && bad >= failingShare * (bad + current.good + previous.good)
}

function moved(window: OutcomeWindow, now: number): OutcomeWindow {
  const elapsedMs = now - window.beganAt
  if (elapsedMs < halfMs) return window
  return { beganAt: now, current: none, previous: elapsedMs < 2 * halfMs ? window.current : none }
}
