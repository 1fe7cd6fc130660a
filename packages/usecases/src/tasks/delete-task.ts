import type { TaskId } from '@holdfast/domain/identifiers'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type WriteRequest } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { WritePort } from '../ports/write-port.ts'

interface Dependencies {
  readonly clock: Clock
  readonly writes: WritePort
}

/** Deletes one of the actor’s tasks. Errors: `TASK_NOT_FOUND`, `VERSION_STALE`, those of a write. */
export const deleteTask =
  ({ clock, writes }: Dependencies) =>
  async (actor: Actor, input: { readonly id: TaskId }, request: WriteRequest): Promise<Written<'task'>> => {
    const user = authoriseMember(actor, 'task:write:own')
    const header = commandHeader(clock, 'tasks.delete', user, { id: input.id }, request, () => input.id)
    return written(await writes.submit({ kind: 'task', name: 'tasks.delete', ...header }, request), request)
  }
