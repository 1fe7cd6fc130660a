import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@holdfast/usecases/ports/clock'

/** The machine’s own time and chance, for what runs against a real server. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (byteLength) => randomBytes(byteLength),
  async sleep(ms, signal) {
    if (ms <= 0) await nextTurn()
    else await wait(ms, undefined, { signal }).catch(() => undefined)
  },
}
