import { ApplicationError } from '@holdfast/domain/application-error'
import type { OperationId, UserId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { isStoreAway } from '../pending/store-away.ts'
import type { Actor } from '../ports/actor.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { OperationRepository } from '../ports/operation-repository.ts'
import { deadStatus, pendingStatus, storedStatus, type OperationStatus } from './operation-status.ts'

interface Dependencies {
  readonly operations: OperationRepository
  readonly pending: PendingCommands
}

/** The most final answers that are remembered, the latest given. */
const maxRemembered = 1_000

/**
 * Reads what became of one of the actor’s writes. Errors: `OPERATION_NOT_FOUND`, also for somebody else’s; while the database is away,
 * `STORE_UNAVAILABLE` for what does not wait here.
 *
 * The buffer is looked at first. A command leaves it only once the database has it: what is in the buffer no more is found in the
 * database then, while the other way round it could be missed in both, and a write that was acknowledged be called unknown. Where
 * both have it the database is right: the command was applied or judged and only not removed yet, or it is a dead letter, of which the
 * database says the same. So a state never goes backwards; nor, as far as what was said is remembered, where the database goes away
 * before the buffer lets go of it, or before a key is sent again and so waits again.
 */
export const getOperation = ({ operations, pending }: Dependencies) => {
  const said = new Map<OperationId, OperationStatus>()

  return async (actor: Actor, { id }: { readonly id: OperationId }): Promise<OperationStatus> => {
    const { userId } = authoriseMember(actor, 'operation:read:own')
    const waiting = waitingStatus(pending, userId, id)
    const stored = await operations.find(userId, id).catch((error: unknown) => {
      if (isStoreAway(error) && waiting !== null) return null
      throw error
    })
    if (stored === null) {
      const found = waiting === null ? null : (said.get(id) ?? waiting)
      if (found === null) throw new ApplicationError('OPERATION_NOT_FOUND')
      return found
    }
    const status = storedStatus(stored)
    said.delete(id)
    said.set(id, status)
    const [oldest] = said.keys()
    if (said.size > maxRemembered && oldest !== undefined) said.delete(oldest)
    return status
  }
}

/** What the buffer says of the user’s own operation. A dead letter was judged for good, though its key be sent again and wait again. */
function waitingStatus(pending: PendingCommands, user: UserId, id: OperationId): OperationStatus | null {
  const found = pending.find(id)
  const dead = pending.findDead(id)
  if (dead !== null) return dead.command.actor === user ? deadStatus(dead) : null
  return found !== null && found.command.actor === user ? pendingStatus(found) : null
}
