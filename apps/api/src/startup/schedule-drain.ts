import { Cron } from 'croner'
import type { Drain } from '@holdfast/engine/drain'

/** Lets the drain look at everything that waits, every `intervalMs` (whole seconds), until disposed of. */
export function scheduleDrain(drain: Pick<Drain, 'tick'>, intervalMs: number): Disposable {
  // Looks may overlap: the one that is under way answers for both, and one that stands still must be noticed.
  const job = new Cron('* * * * * *', { interval: intervalMs / 1_000, protect: false, unref: true }, () => void drain.tick())
  return { [Symbol.dispose]: () => job.stop() }
}
