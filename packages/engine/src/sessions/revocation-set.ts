import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Bus } from '@holdfast/usecases/ports/bus'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { Revocation, SessionRepository } from '@holdfast/usecases/ports/session-repository'

/** An access token outlives its issue by no more than this: older revocations bar nothing. */
const tokenLifetimeMs = 11 * 60 * 1000

/** Each look at the database reaches back this far beyond the last: commits become visible out of order, and clocks differ. */
const overlapMs = 60_000

/** How often the database is asked what other instances ended. With it, the bound that is published: 3 s. */
const pollMs = 2_000

export interface RevocationSet extends Revocations {
  /** Takes what another instance ended. */
  learn(revocation: Revocation): void
  /** Reads what the database knows; resolves `false` if it could not be asked. */
  refresh(): Promise<boolean>
  /** Whether the last look at the database was answered. */
  isReachable(): boolean
  /** Refreshes for ever, until the signal is aborted. */
  follow(signal: AbortSignal): Promise<void>
}

/** Ended sessions and disabled users, in memory: fed at once by this instance’s own writes, and by the bus and the database for the others’. */
export function createRevocationSet(clock: Clock, sessions: SessionRepository, log: Log, bus: Bus): RevocationSet {
  const ended = new Map<string, number>()
  let seenUntil = 0
  let isReachable = true

  const learn = ({ user, session, at }: Revocation): void => {
    const key = keyOf(user, session)
    ended.set(key, Math.max(at, ended.get(key) ?? 0))
  }
  const forget = (before: number): void => {
    for (const [key, at] of ended) if (at < before) ended.delete(key)
  }
  const refresh = async (): Promise<boolean> => {
    const now = clock.now()
    try {
      for (const revocation of await sessions.revokedSince(Math.max(now - tokenLifetimeMs, seenUntil - overlapMs))) learn(revocation)
      seenUntil = now
      forget(now - tokenLifetimeMs - overlapMs)
      if (!isReachable) log.info('revocations of other instances are seen again')
      isReachable = true
    } catch (error) {
      if (isReachable)
        log.warn('revocations of other instances are not seen until the database answers', { error: String((error as Error).name) })
      isReachable = false
    }
    return isReachable
  }
  return {
    add(revocation) {
      learn(revocation)
      bus.publish({ kind: 'revocation', ...revocation })
    },
    learn,
    refresh,
    isReachable: () => isReachable,
    isRevoked: (user: UserId, session: SessionId, issuedAt: number) =>
      ended.has(keyOf(user, session)) || (ended.get(user) ?? -1) >= issuedAt,
    async follow(signal) {
      while (!signal.aborted) {
        await clock.sleep(pollMs, signal)
        if (!signal.aborted) await refresh()
      }
    },
  }
}

/** A session counts as ended only under its own user: whoever names somebody else’s while that cannot be judged ends nothing. */
const keyOf = (user: UserId, session: SessionId | null): string => (session === null ? user : `${user} ${session}`)
