import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type WriteRequest } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { WritePort } from '../ports/write-port.ts'

interface Dependencies {
  readonly clock: Clock
  readonly revocations: Revocations
  readonly writes: WritePort
}

/**
 * Ends one of the actor’s sessions; it binds on this instance before the answer. Errors: `SESSION_NOT_FOUND` for somebody else’s
 * and for one that is over, `VERSION_STALE`, those of a write.
 */
export const endSession =
  ({ clock, revocations, writes }: Dependencies) =>
  async (actor: Actor, input: { readonly id: SessionId }, request: WriteRequest): Promise<Written<'session'>> => {
    const user = authoriseMember(actor, 'session:end:own')
    const header = commandHeader(clock, 'sessions.end', user, { id: input.id }, request, () => input.id)
    const receipt = await writes.submit({ kind: 'session', name: 'sessions.end', ...header, reason: 'revoked' }, request)
    if (receipt.state === 'refused' && receipt.code === 'AUTH_SESSION_ENDED') throw new ApplicationError('SESSION_NOT_FOUND')
    const result = written(receipt, request)
    // Not before: until it is accepted, nothing is ended. While it is only buffered nobody has said whose the session is; the revocation is
    // of this user’s session, and bars no other’s.
    revocations.add({ user: user.userId, session: input.id, at: header.acceptedAt })
    return result
  }
