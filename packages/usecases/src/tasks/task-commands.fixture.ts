import type { OperationId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskFields } from '@holdfast/domain/task'

export const owner = 'b0000000-0000-8000-8000-000000000001' as UserId
const now = 1_700_000_000_000

let made = 0
const nextId = <Id extends string>(prefix: string): Id =>
  `${prefix}0000000-0000-8000-8000-${String(++made).padStart(12, '0')}` as string as Id

const fields: TaskFields = { title: 'a task', description: '', status: 'todo', priority: 'none', due: null, position: '', labels: [] }

interface Changed {
  readonly actor?: UserId
  readonly entity?: TaskId
  readonly acceptedAt?: number
}

const header = ({ actor = owner, entity = nextId<TaskId>('a'), acceptedAt = now }: Changed) => ({
  kind: 'task' as const,
  operationId: nextId<OperationId>('0'),
  entity,
  actor,
  session: null,
  acceptedAt,
  fingerprint: null,
  baseVersion: null,
})

export const creation = (given: Partial<TaskFields> = {}, changed: Changed = {}): TaskCommand => ({
  ...header(changed),
  name: 'tasks.create',
  fields: { ...fields, ...given },
})

export const edit = (entity: TaskId, given: Partial<TaskFields>, changed: Omit<Changed, 'entity'> = {}): TaskCommand => ({
  ...header({ ...changed, entity }),
  name: 'tasks.patch',
  fields: given,
})

export const removal = (entity: TaskId, name: 'tasks.delete' | 'tasks.restore' = 'tasks.delete'): TaskCommand => ({
  ...header({ entity }),
  name,
})
