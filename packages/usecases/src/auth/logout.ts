import { authoriseMember } from '../authorise.ts'
import { commandHeader } from '../commands/command-header.ts'
import { written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { WritePort } from '../ports/write-port.ts'

interface Dependencies {
  readonly clock: Clock
  readonly revocations: Revocations
  readonly writes: WritePort
}

/** Ends the actor’s session, if it is not over already: at once on this instance, durably once it returns. Errors: those of a write. */
export const logout =
  ({ clock, revocations, writes }: Dependencies) =>
  async (actor: Actor): Promise<void> => {
    const user = authoriseMember(actor, 'session:end:own')
    const header = commandHeader(clock, 'sessions.end', user, null, {}, () => user.sessionId)
    revocations.add({ user: user.userId, session: user.sessionId, at: header.acceptedAt })
    const receipt = await writes.submit({ kind: 'session', name: 'sessions.end', ...header, reason: 'logout' })
    if (receipt.state !== 'refused' || receipt.code !== 'AUTH_SESSION_ENDED') written(receipt)
  }
