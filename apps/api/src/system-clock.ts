import { randomBytes } from 'node:crypto'
import type { Clock } from '@holdfast/usecases/ports/clock'

/** The machine’s own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (byteLength) => randomBytes(byteLength),
  sleep(ms, signal) {
    // No wait at all still lets everything happen that has already arrived.
    if (ms <= 0) return new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end, { once: true })
    })
  },
}
