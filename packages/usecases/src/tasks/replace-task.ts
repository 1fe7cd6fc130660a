import type { TaskId } from '@holdfast/domain/identifiers'
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

/** Sets every field of one of the actor’s tasks. Errors: `TASK_NOT_FOUND`, `VERSION_STALE`, those of a write. */
export const replaceTask =
  ({ clock, writes }: Dependencies) =>
  async (actor: Actor, input: TaskFields & { readonly id: TaskId }, request: WriteRequest): Promise<Written<'task'>> => {
    const user = authoriseMember(actor, 'task:write:own')
    const fields = normalFields(input)
    const header = commandHeader(clock, 'tasks.replace', user, { ...fields, id: input.id }, request, () => input.id)
    return written(await writes.submit({ kind: 'task', name: 'tasks.replace', ...header, fields }, request), request)
  }
