import { createTestClock } from '@holdfast/testkit/clock'
import type { Clock } from '@holdfast/usecases/ports/clock'

/** A clock that stands still until told to move on; then every sleep ends at its own time, in order, and what follows from it happens. */
export interface TimerClock extends Clock {
  pass(ms: number): Promise<void>
  /** Time goes by and nothing happens, as when the process was suspended. */
  stall(ms: number): void
}

export function createTimerClock(): TimerClock {
  const { random } = createTestClock()
  let now = 0
  const sleepers = new Set<{ readonly at: number; wake(): void }>()

  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    now: () => now,
    monotonic: () => now,
    random,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper)
          resolve()
        }
        const sleeper = { at: now + ms, wake }
        if (signal?.aborted === true) return resolve()
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
      }),
    stall(ms) {
      now += ms
    },
    async pass(ms) {
      const end = now + ms
      for (;;) {
        await settle()
        const [next] = [...sleepers].toSorted((a, b) => a.at - b.at)
        if (next === undefined || next.at > end) break
        now = Math.max(now, next.at)
        next.wake()
      }
      now = end
    },
  }
}
