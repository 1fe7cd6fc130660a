import type { Clock } from '@holdfast/usecases/ports/clock'

/** A clock for tests: stands still until told to move on; sleeps end when it has moved far enough. */
export function adjustableClock(startMs = Date.UTC(2030, 0, 1)): Clock & { advance(ms: number): void } {
  let elapsedMs = 0
  let sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        sleepers.push({ at: elapsedMs + ms, wake: resolve })
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
    random: (byteLength) => crypto.getRandomValues(new Uint8Array(byteLength)),
    advance(ms) {
      elapsedMs += ms
      for (const { at, wake } of sleepers) if (at <= elapsedMs) wake()
      sleepers = sleepers.filter(({ at }) => at > elapsedMs)
    },
  }
}
