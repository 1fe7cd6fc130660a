import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'

/** Which limit a refused connection was one too many for. */
export type ConnectionLimitReached = 'all connections' | 'connections of one address'

const quietMs = 60_000

/**
 * Says in the log that connections are refused: at the first one, then at most once a minute for each limit, with how many they
 * were since. Whoever reaches a limit must not fill the log, too.
 */
export function connectionLimitLog(log: Log, clock: Pick<Clock, 'monotonic'>): (limit: ConnectionLimitReached) => void {
  const states = new Map<ConnectionLimitReached, { saidAt: number; refused: number }>()
  return (limit) => {
    const state = states.get(limit) ?? { saidAt: -Infinity, refused: 0 }
    states.set(limit, state)
    state.refused += 1
    if (clock.monotonic() - state.saidAt < quietMs) return
    log.warn('connections are refused: a limit is reached', { limit, refused: state.refused })
    state.saidAt = clock.monotonic()
    state.refused = 0
  }
}
