import { ApplicationError } from '@holdfast/domain/application-error'
import type { TaskId } from '@holdfast/domain/identifiers'
import type { TaskRow } from '@holdfast/domain/task'
import { authoriseMember } from '../authorise.ts'
import { beginsWith, overlay, waitingFor, type Overlaid } from '../pending/overlay.ts'
import { isStoreAway } from '../pending/store-away.ts'
import type { Actor } from '../ports/actor.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { TaskRepository } from '../ports/task-repository.ts'

interface Dependencies {
  readonly pending: PendingCommands
  readonly tasks: TaskRepository
}

/**
 * Reads one of the actor’s tasks, with what waits for it here; one that was made here is known while the database is away too.
 * Errors: `TASK_NOT_FOUND`, also for somebody else’s.
 */
export const getTask =
  ({ pending, tasks }: Dependencies) =>
  async (actor: Actor, input: { readonly id: TaskId }): Promise<Overlaid<TaskRow>> => {
    const { userId } = authoriseMember(actor, 'task:read:own')
    const waiting = waitingFor(pending, 'task', input.id)
    const stored = await tasks.find(userId, input.id).catch((error: unknown) => {
      if (isStoreAway(error) && beginsWith('tasks.create', userId, waiting)) return null
      throw error
    })
    const seen = overlay('task', stored, waiting)
    if (seen === null || seen.row.isDeleted || seen.row.owner !== userId) throw new ApplicationError('TASK_NOT_FOUND')
    return seen
  }
