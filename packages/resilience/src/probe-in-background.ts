import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Gate } from './gate.ts'

export interface BackgroundProbeOptions {
  readonly clock: Clock
  /** Rejects where the dependency is not well. It should settle within the gate's `probeTimeoutMs`, which gives it up. */
  readonly probe: () => Promise<unknown>
  /** Ends the probing. */
  readonly signal: AbortSignal
}

/**
 * Probes whenever the gate is open and its backoff is over, until it closes: so that a dependency is found to be back although
 * nobody asks for it, and no request waits as the probe. Resolves once `signal` is aborted; never rejects.
 */
export async function probeInBackground(gate: Gate, { clock, probe, signal }: BackgroundProbeOptions): Promise<void> {
  while (!signal.aborted) {
    const state = gate.state()
    if (state.kind === 'closed') await change(gate, signal)
    else if (state.kind === 'half-open') await change(gate, signal, (until) => clock.sleep(untilMs(clock, state.giveUpAt), until))
    else {
      await change(gate, signal, (until) => clock.sleep(untilMs(clock, state.probeAt), until))
      const admission = signal.aborted ? null : gate.admit()
      if (admission?.isProbe === true) void Promise.try(probe).then(admission.succeeded, admission.failed)
    }
  }
}

/** Whole milliseconds: a part of one may be less than the clock can tell, and waiting for it would have no end. */
const untilMs = (clock: Clock, time: number): number => Math.max(0, Math.ceil(time - clock.monotonic()))

/** Resolves when the gate changes, `wait` is over, or `signal` is aborted, whichever is first; the others are ended. */
async function change(gate: Gate, signal: AbortSignal, wait?: (until: AbortSignal) => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ended = new AbortController()
  const unfollow = gate.follow(() => resolve())
  const stop = () => resolve()
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) return
    await Promise.race([promise, ...(wait === undefined ? [] : [wait(ended.signal)])])
  } finally {
    ended.abort()
    unfollow()
    signal.removeEventListener('abort', stop)
  }
}
