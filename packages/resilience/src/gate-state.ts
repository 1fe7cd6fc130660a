import { backoffMs, type Backoff } from './backoff.ts'
import { emptyWindow, isMostlyFailing, withOutcome, type OutcomeWindow } from './outcome-window.ts'

/** All times are monotonic milliseconds. `epoch` rises with every change of kind: what belongs to another is late and counts no more. */
interface Always {
  readonly epoch: number
  /** Since when the gate is closed, or has not been: probes in between do not change it. */
  readonly since: number
  /** How often the backoff was doubled; of a closed gate, with how many it goes on if it opens again soon. */
  readonly doublings: number
}

/** Calls pass. */
export interface ClosedGate extends Always {
  readonly kind: 'closed'
  readonly consecutiveFailures: number
  /** Null: it was closed after it. */
  readonly lastFailureAt: number | null
  readonly window: OutcomeWindow
}

/** Calls are refused; from `probeAt` on, the next that may be one is the probe. */
export interface OpenGate extends Always {
  readonly kind: 'open'
  readonly probeAt: number
  readonly goodProbes: number
}

/** One probe is under way, all else is refused. A probe that has not reported at `giveUpAt` has failed. */
export interface HalfOpenGate extends Always {
  readonly kind: 'half-open'
  readonly giveUpAt: number
  readonly goodProbes: number
}

export type GateState = ClosedGate | OpenGate | HalfOpenGate

/** `epoch` is that of the state in which the call began. */
export type GateEvent =
  | { readonly kind: 'succeeded'; readonly epoch: number; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly epoch: number }
  | { readonly kind: 'probe-began' }
  /** Time went by. */
  | { readonly kind: 'looked-at' }

export interface GateRules {
  /** So many failures in a row open the gate. */
  readonly failuresToOpen: number
  /** A success that took longer is a failure. */
  readonly slowMs: number
  /** So many good probes in a row close the gate. */
  readonly successesToClose: number
  /** A probe that has not reported by then is given up. */
  readonly probeTimeoutMs: number
  /** Before each probe. Its cap bounds how long a dependency that is well again goes unnoticed. */
  readonly backoff: Backoff
  /** A gate that was closed for so long begins its next outage with the shortest backoff, and failures so far apart are not in a row. */
  readonly stableMs: number
}

/** A gate begins closed: what is away is found out by the first calls. */
export const initialState = (now: number): ClosedGate => closed(0, now, 0)

/**
 * What a gate becomes. Pure: time (monotonic milliseconds) and chance (in [0, 1), drawn only where a wait begins) are given.
 *
 * closed → open: after `failuresToOpen` failures in a row, less than `stableMs` apart, or when half of a short window failed.
 * open → half-open: a probe begins, never before `probeAt`.
 * half-open → open: the probe failed, was slow, or was given up: the backoff doubles. It succeeded, and more are needed: a short wait.
 * half-open → closed: it was the last of `successesToClose` good ones in a row.
 * A gate that opens again soon after it closed goes on with a longer backoff; only `stableMs` of being closed resets it.
 */
export function nextState(state: GateState, event: GateEvent, rules: GateRules, now: number, random: () => number): GateState {
  switch (state.kind) {
    case 'closed':
      return fromClosed(state, event, rules, now, random)
    case 'open':
      if (event.kind !== 'probe-began' || now < state.probeAt) return state
      return { ...state, kind: 'half-open', epoch: state.epoch + 1, giveUpAt: now + rules.probeTimeoutMs }
    case 'half-open':
      return fromHalfOpen(state, event, rules, now, random)
  }
}

function fromClosed(state: ClosedGate, event: GateEvent, rules: GateRules, now: number, random: () => number): GateState {
  if (event.kind !== 'succeeded' && event.kind !== 'failed') return state
  if (event.epoch !== state.epoch) return state
  const isGood = event.kind === 'succeeded' && event.durationMs <= rules.slowMs
  const isInRow = state.lastFailureAt !== null && now - state.lastFailureAt < rules.stableMs
  const consecutiveFailures = isGood ? 0 : (isInRow ? state.consecutiveFailures : 0) + 1
  const lastFailureAt = isGood ? state.lastFailureAt : now
  const window = withOutcome(state.window, isGood, now)
  const opens = !isGood && (consecutiveFailures >= rules.failuresToOpen || isMostlyFailing(window))
  if (!opens) return { ...state, consecutiveFailures, lastFailureAt, window }
  const doublings = now - state.since >= rules.stableMs ? 0 : state.doublings
  return opened(state.epoch + 1, now, doublings, now, rules, random)
}

function fromHalfOpen(state: HalfOpenGate, event: GateEvent, rules: GateRules, now: number, random: () => number): GateState {
  const isOverdue = now >= state.giveUpAt
  const isReport = (event.kind === 'succeeded' || event.kind === 'failed') && event.epoch === state.epoch
  if (!isOverdue && !isReport) return state
  const isGood = !isOverdue && event.kind === 'succeeded' && event.durationMs <= rules.slowMs
  // What was given up unseen failed when its time was over, not when somebody looked.
  const failedAt = Math.min(now, state.giveUpAt)
  if (!isGood) return opened(state.epoch + 1, state.since, state.doublings + 1, failedAt, rules, random)
  const goodProbes = state.goodProbes + 1
  if (goodProbes >= rules.successesToClose) return closed(state.epoch + 1, now, state.doublings + 1)
  const probeAt = now + backoffMs(rules.backoff, 0, random())
  return { kind: 'open', epoch: state.epoch + 1, since: state.since, doublings: state.doublings, probeAt, goodProbes }
}

const closed = (epoch: number, since: number, doublings: number): ClosedGate => ({
  kind: 'closed',
  epoch,
  since,
  doublings,
  consecutiveFailures: 0,
  lastFailureAt: null,
  window: emptyWindow(since),
})

function opened(epoch: number, since: number, doublings: number, now: number, { backoff }: GateRules, random: () => number): OpenGate {
  return { kind: 'open', epoch, since, doublings, probeAt: now + backoffMs(backoff, doublings, random()), goodProbes: 0 }
}
