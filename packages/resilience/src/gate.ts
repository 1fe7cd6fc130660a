import type { Clock } from '@holdfast/usecases/ports/clock'
import { randomFraction } from './backoff.ts'
import { initialState, nextState, type GateEvent, type GateRules, type GateState } from './gate-state.ts'

export type { GateState } from './gate-state.ts'

/** Leave to make one call. Its outcome is to be told once it is known; a second telling changes nothing. */
export interface Admission {
  /** The one call that tries whether the dependency is back. Whatever comes of it must be told. */
  readonly isProbe: boolean
  /** The dependency answered, be it with a refusal. How long that took since the admission is measured by the gate. */
  succeeded(): void
  /** It did not answer in time, or said that it cannot. */
  failed(): void
}

/**
 * The circuit breaker of one dependency: who may call it now. It makes no calls and starts no timers; `gate-state.ts` says how it
 * moves. Only monotonic time counts.
 */
export interface Gate {
  /** What is refused is refused until `probeAt` at least. */
  state(): GateState
  /** Leave to call, perhaps as the probe; `null`: do not call. */
  admit(): Admission | null
  /** Leave to call, never as the probe: for those who should not wait for a dependency that is probably away. `null`: do not call. */
  admitIfClosed(): Admission | null
  /** Calls `listener` after each change of the state's kind, until the function that it answers is called. */
  follow(listener: (state: GateState, before: GateState) => void): () => void
}

export interface GateOptions extends Partial<GateRules> {
  readonly clock: Clock
  /** As in `GateRules`. It has no default, as it depends on the deadline of the calls. */
  readonly slowMs: number
}

const defaults = {
  failuresToOpen: 2,
  successesToClose: 2,
  probeTimeoutMs: 1_000,
  backoff: { baseMs: 100, capMs: 5_000 },
  stableMs: 10_000,
} as const

/** A gate that is closed. */
export function createGate({ clock, ...given }: GateOptions): Gate {
  const rules: GateRules = { ...defaults, ...given }
  const listeners = new Set<(state: GateState, before: GateState) => void>()
  let state: GateState = initialState(clock.monotonic())

  const take = (event: GateEvent): GateState => {
    const before = state
    state = nextState(before, event, rules, clock.monotonic(), () => randomFraction(clock))
    if (state.epoch !== before.epoch) for (const listener of listeners) listener(state, before)
    return state
  }
  const admission = (isProbe: boolean): Admission => {
    const { epoch } = state
    const beganAt = clock.monotonic()
    let isTold = false
    const tell = (event: GateEvent): void => {
      if (!isTold) take(event)
      isTold = true
    }
    return {
      isProbe,
      succeeded: () => tell({ kind: 'succeeded', epoch, durationMs: clock.monotonic() - beganAt }),
      failed: () => tell({ kind: 'failed', epoch }),
    }
  }
  const admitIfClosed = (): Admission | null => (state.kind === 'closed' ? admission(false) : null)

  return {
    state: () => take({ kind: 'looked-at' }),
    admitIfClosed,
    admit() {
      const looked = take({ kind: 'looked-at' })
      if (looked.kind !== 'open') return admitIfClosed()
      return take({ kind: 'probe-began' }).kind === 'half-open' ? admission(true) : null
    },
    follow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
