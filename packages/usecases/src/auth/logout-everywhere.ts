import type { SessionId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type CommandSender } from '../commands/command-header.ts'
import { written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { SessionRepository } from '../ports/session-repository.ts'
import type { WritePort } from '../ports/write-port.ts'
import { liveSessions } from '../sessions/live-sessions.ts'

interface Dependencies {
  readonly clock: Clock
  readonly pending: PendingCommands
  readonly revocations: Revocations
  readonly sessions: SessionRepository
  readonly writes: WritePort
}

export interface LoggedOutEverywhere {
  readonly endedSessions: number
  /** Whether none is left that had begun before; else the newest were ended, and the call may be repeated. */
  readonly isComplete: boolean
}

/** The most sessions that one call ends. */
const maxSessions = 1_000
/** How many commands are under way at once: a fraction of what the write port lets wait. */
const concurrency = 100

/**
 * Ends the actor’s sessions, newest first: at once on this instance, durably once it returns. The current one goes last, and only
 * when no other is left, so that whoever must repeat the call still may. Errors: those of a write; repeating goes on.
 */
export const logoutEverywhere =
  (dependencies: Dependencies) =>
  async (actor: Actor, { keepCurrent }: { readonly keepCurrent: boolean }): Promise<LoggedOutEverywhere> => {
    const { clock, revocations } = dependencies
    const user = authoriseMember(actor, 'session:end:own')
    const { userId, sessionId } = user
    const at = Math.trunc(clock.now())
    const { rows, isWhole } = await liveSessions(dependencies, { owner: userId, liveAt: at, after: null, limit: maxSessions + 1 })
    const isComplete = rows.length <= maxSessions && isWhole
    const others = rows
      .slice(0, maxSessions)
      .map(({ id }) => id)
      .filter((id) => id !== sessionId)
    for (const session of others) revocations.add({ user: userId, session, at })
    for (let start = 0; start < others.length; start += concurrency)
      await endSessions(dependencies, user, others.slice(start, start + concurrency))
    if (keepCurrent || !isComplete) return { endedSessions: others.length, isComplete }
    revocations.add({ user: userId, session: sessionId, at })
    await endSessions(dependencies, user, [sessionId])
    return { endedSessions: others.length + 1, isComplete }
  }

/** Ends them all before it throws for any. One that is over by then is what was asked for. */
async function endSessions({ clock, writes }: Dependencies, user: CommandSender, ids: readonly SessionId[]): Promise<void> {
  const receipts = await Promise.all(
    ids.map((id) => {
      const header = commandHeader(clock, 'sessions.end', user, null, {}, () => id)
      return writes.submit({ kind: 'session', name: 'sessions.end', ...header, reason: 'revoked' })
    }),
  )
  for (const receipt of receipts) if (receipt.state !== 'refused' || receipt.code !== 'AUTH_SESSION_ENDED') written(receipt)
}
