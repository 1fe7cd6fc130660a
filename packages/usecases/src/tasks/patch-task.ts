import { ApplicationError } from '@holdfast/domain/application-error'
import type { TaskId } from '@holdfast/domain/identifiers'
import type { Due, TaskFields, TaskPriority, TaskStatus } from '@holdfast/domain/task'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type WriteRequest } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { WritePort } from '../ports/write-port.ts'
import { normalDue, normalLabels } from './task-fields.ts'

interface Dependencies {
  readonly clock: Clock
  readonly writes: WritePort
}

/** A merge patch: left out stays, `null` goes back to the default. */
export interface TaskPatch {
  readonly id: TaskId
  readonly title?: string | undefined
  readonly description?: string | null | undefined
  readonly status?: TaskStatus | undefined
  readonly priority?: TaskPriority | null | undefined
  readonly due?: Due | null | undefined
  readonly position?: string | null | undefined
  readonly labels?: readonly string[] | null | undefined
  readonly addLabels?: readonly string[] | undefined
  readonly removeLabels?: readonly string[] | undefined
}

/** Changes some fields of one of the actor’s tasks. Errors: `REQUEST_INVALID`, `TASK_NOT_FOUND`, `TASK_LABELS_FULL`, `VERSION_STALE`, those of a write. */
export const patchTask =
  ({ clock, writes }: Dependencies) =>
  async (actor: Actor, input: TaskPatch, request: WriteRequest): Promise<Written<'task'>> => {
    const user = authoriseMember(actor, 'task:write:own')
    refuseContradictions(input)
    const fields = patchedFields(input)
    const labels = {
      ...(input.addLabels && { addLabels: normalLabels(input.addLabels) }),
      ...(input.removeLabels && { removeLabels: normalLabels(input.removeLabels) }),
    }
    const header = commandHeader(clock, 'tasks.patch', user, { ...fields, ...labels, id: input.id }, request, () => input.id)
    return written(await writes.submit({ kind: 'task', name: 'tasks.patch', ...header, fields, ...labels }, request), request)
  }

function refuseContradictions(input: TaskPatch): void {
  const refuse = (pointer: string, detail: string): never => {
    throw new ApplicationError('REQUEST_INVALID', { faults: [{ pointer, detail }] })
  }
  const { id: _, ...changes } = input
  if (Object.values(changes).every((value) => value === undefined)) refuse('', 'must hold at least one field to change')
  if (input.labels !== undefined && input.addLabels !== undefined) refuse('/addLabels', 'cannot stand beside labels')
  if (input.labels !== undefined && input.removeLabels !== undefined) refuse('/removeLabels', 'cannot stand beside labels')
  const index = (input.removeLabels ?? []).findIndex((label) => input.addLabels?.includes(label))
  if (index >= 0) refuse(`/removeLabels/${index}`, 'is in addLabels too')
}

function patchedFields(input: TaskPatch): Partial<TaskFields> {
  return {
    ...(input.title !== undefined && { title: input.title }),
    ...(input.description !== undefined && { description: input.description ?? '' }),
    ...(input.status !== undefined && { status: input.status }),
    ...(input.priority !== undefined && { priority: input.priority ?? 'none' }),
    ...(input.due !== undefined && { due: normalDue(input.due) }),
    ...(input.position !== undefined && { position: input.position ?? '' }),
    ...(input.labels !== undefined && { labels: normalLabels(input.labels ?? []) }),
  }
}
