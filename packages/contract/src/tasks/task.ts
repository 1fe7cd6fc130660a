import { taskLimits, taskPriorities, taskStatuses } from '@holdfast/domain/task'
import { z } from 'zod'
import { durability, text, timestamp, timeZone, uuid } from '../scalars.ts'

export const taskStatus = z.enum(taskStatuses)
export const taskPriority = z.enum(taskPriorities)

/** Years outside of this are typing mistakes, and some are beyond what a store can hold. */
export const isSensibleTime = (value: string): boolean => {
  const milliseconds = Date.parse(value)
  return milliseconds >= Date.UTC(1900, 0, 1) && milliseconds < Date.UTC(10_000, 0, 1)
}
export const sensible = { error: 'must lie in the years 1900 to 9999' }

const dueIn = z.union(
  [
    z.strictObject({ date: z.iso.date().refine(isSensibleTime, sensible) }),
    z.strictObject({ instant: z.iso.datetime({ offset: true }).refine(isSensibleTime, sensible), zone: timeZone() }),
  ],
  { error: 'must be {"date": "YYYY-MM-DD"} or {"instant": "…", "zone": "…"}' },
)
const dueOut = z.union([z.object({ date: z.iso.date() }), z.object({ instant: timestamp(), zone: z.string() })])

const title = text(1, taskLimits.titleLength)
const description = text(0, taskLimits.descriptionLength)
const position = z
  .string()
  .max(taskLimits.positionLength)
  .regex(/^[!-~]*$/, { error: 'must be printable ASCII without spaces' })
const labels = z.array(text(1, taskLimits.labelLength)).max(taskLimits.labels)

/** The path parameter of every operation on one task. */
export const taskId = { id: uuid().describe('The task’s id.') }

/** What creating and replacing take: `title`, and defaults for the rest. */
export const taskInput = {
  title,
  description: description.default(''),
  status: taskStatus.default('todo'),
  priority: taskPriority.default('none'),
  due: dueIn.nullable().default(null),
  position: position.default(''),
  labels: labels.default([]),
}

/** What a merge patch takes: a member left out stays; `null` goes back to the default (RFC 7396). */
export const taskPatch = {
  title: title.optional(),
  description: description.nullable().optional(),
  status: taskStatus.optional(),
  priority: taskPriority.nullable().optional(),
  due: dueIn.nullable().optional(),
  position: position.nullable().optional(),
  labels: labels.nullable().optional(),
  addLabels: labels.optional(),
  removeLabels: labels.optional(),
}

const fields = {
  title: z.string(),
  description: z.string(),
  status: taskStatus,
  priority: taskPriority,
  due: dueOut.nullable(),
  position: z.string(),
  labels: z.array(z.string()),
  createdAt: timestamp(),
  updatedAt: timestamp(),
  completedAt: timestamp().nullable(),
  version: z.string(),
}

/** A task as it is read, and as a committed write answers. */
export const task = z.object({ id: uuid(), ...fields, durability, operationId: uuid() }).meta({ id: 'Task' })

/** A task of a buffered write: its id for certain, the rest as far as this instance knows it. */
export const acceptedTask = z
  .object({ id: uuid(), operationId: uuid(), durability: z.literal('buffered'), ...z.object(fields).partial().shape })
  .meta({ id: 'AcceptedTask' })

/** What deleting answers on tRPC; on REST it is 204. */
export const deletedTask = z.object({ id: uuid(), operationId: uuid(), durability: z.literal('committed') }).meta({ id: 'DeletedTask' })
export const acceptedDeletion = z
  .object({ id: uuid(), operationId: uuid(), durability: z.literal('buffered') })
  .meta({ id: 'AcceptedDeletion' })
