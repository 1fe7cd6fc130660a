import { ApplicationError } from '@holdfast/domain/application-error'
import type { TaskId } from '@holdfast/domain/identifiers'
import type { TaskRow } from '@holdfast/domain/task'
import { authoriseMember } from '../authorise.ts'
import type { Actor } from '../ports/actor.ts'
import type { TaskRepository } from '../ports/task-repository.ts'

/** Reads one of the actor’s tasks. Errors: `TASK_NOT_FOUND`, also for somebody else’s. */
export const getTask =
  ({ tasks }: { readonly tasks: TaskRepository }) =>
  async (actor: Actor, input: { readonly id: TaskId }): Promise<TaskRow> => {
    const user = authoriseMember(actor, 'task:read:own')
    const row = await tasks.find(user.userId, input.id)
    if (row === null || row.isDeleted) throw new ApplicationError('TASK_NOT_FOUND')
    return row
  }
