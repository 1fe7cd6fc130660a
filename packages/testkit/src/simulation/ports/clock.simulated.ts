import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'
import { never, type SimulatedProcess } from '../simulated-process.ts'

/** Milliseconds since 1970 at which every run begins. */
export const beganAt = Date.UTC(2026, 10, 22, 10)

/** The wall clock of one machine: it outlives processes, and jumps. */
export interface WallClock {
  offsetMs: number
}

/** The clock of one process: virtual time. The wall clock is off by its offset, the monotonic one never jumps. */
export function simulatedClock(process: SimulatedProcess, scheduler: Scheduler, wall: WallClock, random: Random): Clock {
  const startedAt = scheduler.now - random.between(0, 1e6)
  return {
    now: () => beganAt + scheduler.now + wall.offsetMs,
    monotonic: () => scheduler.now - startedAt,
    random: (byteLength) => random.bytes(byteLength),
    sleep(ms, signal) {
      if (!process.isAlive) return never()
      if (signal?.aborted === true) return Promise.resolve()
      process.passes('clock.sleep')
      return new Promise((resolve) => {
        const wake = (): void => {
          if (process.isAlive) resolve()
        }
        signal?.addEventListener('abort', wake, { once: true })
        // Timers are never early, and rarely on the dot.
        process.after(Math.max(0, ms) + random.between(0, 0.5), wake)
      })
    },
  }
}
