import { randomBytes, randomFillSync } from 'node:crypto'
import type { Clock } from '@holdfast/usecases/ports/clock'

/** Chance is drawn for many at once: a request needs a few bytes several times, and each draw costs more than its bytes. */
const pool = Buffer.alloc(4_096)
const mostFromPool = 64
let drawn = pool.length

/** Bytes that nobody else was given, and that are not kept. */
function fromPool(byteLength: number): Uint8Array {
  if (drawn + byteLength > pool.length) {
    randomFillSync(pool)
    drawn = 0
  }
  const bytes = Uint8Array.from(pool.subarray(drawn, drawn + byteLength))
  pool.fill(0, drawn, drawn + byteLength)
  drawn += byteLength
  return bytes
}

/** The machine’s own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (byteLength) => (byteLength <= mostFromPool ? fromPool(byteLength) : randomBytes(byteLength)),
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
