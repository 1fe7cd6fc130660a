import { ApplicationError } from '@holdfast/domain/application-error'
import type { OperationId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import type { Actor } from '../ports/actor.ts'
import type { OperationFound, OperationRepository } from '../ports/operation-repository.ts'

/** Reads what became of one of the actor’s writes. Errors: `OPERATION_NOT_FOUND`, also for somebody else’s. */
export const getOperation =
  ({ operations }: { readonly operations: OperationRepository }) =>
  async (actor: Actor, input: { readonly id: OperationId }): Promise<OperationFound> => {
    const user = authoriseMember(actor, 'operation:read:own')
    const found = await operations.find(user.userId, input.id)
    if (found === null) throw new ApplicationError('OPERATION_NOT_FOUND')
    return found
  }
