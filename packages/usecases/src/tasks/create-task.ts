import { entityIdOf, type TaskId } from '@holdfast/domain/identifiers'
import type { TaskFields } from '@holdfast/domain/task'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type WriteRequest } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { WritePort } from '../ports/write-port.ts'
import { normalFields } from './task-fields.ts'

interface Dependencies {
  readonly clock: Clock
  readonly writes: WritePort
}

/** Creates a task of the actor’s. Errors: `TASK_ID_TAKEN`, those of a write. */
export const createTask =
  ({ clock, writes }: Dependencies) =>
  async (actor: Actor, input: TaskFields & { readonly id?: TaskId | undefined }, request: WriteRequest): Promise<Written<'task'>> => {
    const user = authoriseMember(actor, 'task:write:own')
    const fields = normalFields(input)
    const header = commandHeader(
      clock,
      'tasks.create',
      user,
      { ...fields, id: input.id ?? null },
      request,
      (operation) => input.id ?? (entityIdOf(operation) as TaskId),
    )
    return written(await writes.submit({ kind: 'task', name: 'tasks.create', ...header, fields }, request), request)
  }
