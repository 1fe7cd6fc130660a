import { randomBytes } from 'node:crypto'
import { entityIdOf, type OperationId, type TaskId, type UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskFields } from '@holdfast/domain/task'
import { uuidV7, uuidV8 } from '@holdfast/domain/uuid'

const fields: TaskFields = {
  title: 'Write the quarterly report for team',
  description: 'A moderately long description, about one hundred characters of text, as real tasks have it.',
  status: 'todo',
  priority: 'high',
  due: null,
  position: '',
  labels: [],
}
const users = Array.from({ length: 100 }, () => uuidV8(randomBytes(16)) as UserId)
let counter = 0

function header(actor: UserId, entityOf: (operation: OperationId) => TaskId) {
  const acceptedAt = Date.now()
  const operationId = uuidV7(acceptedAt, randomBytes(10)) as OperationId
  return {
    kind: 'task' as const,
    operationId,
    entity: entityOf(operationId),
    actor,
    acceptedAt,
    session: null,
    fingerprint: null,
    baseVersion: null,
  }
}

/** A task as the door makes it, without an idempotency key. */
export const createTask = (): TaskCommand => ({
  ...header(users[counter++ % users.length] as UserId, (operation) => entityIdOf(operation) as TaskId),
  name: 'tasks.create',
  fields,
})

/** A change of two of its fields. */
export const updateTask = (made: TaskCommand): TaskCommand => ({
  ...header(made.actor, () => made.entity),
  name: 'tasks.patch',
  fields: { title: `Changed title ${counter++}`, status: 'in_progress' },
})
