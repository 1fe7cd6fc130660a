import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks `probe` every `everyMs` until it gives something other than undefined, and returns that.
 * Throws `problem()` after `timeoutMs`; what the probe throws goes to the caller.
 */
export async function waitUntil<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  { timeoutMs, everyMs = 10, problem }: { timeoutMs: number; everyMs?: number; problem: () => string },
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() >= deadline) throw new Error(problem())
    await sleep(everyMs)
  }
}
