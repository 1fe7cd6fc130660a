import { randomUUID } from 'node:crypto'
import type { InstanceId, OperationId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskFields, TaskRow } from '@holdfast/domain/task'
import { mergeTask } from '@holdfast/domain/merge-task'
import { makeStamp } from '@holdfast/domain/stamp'
import type { OperationWrite, RowWrite } from '@holdfast/usecases/ports/operation-store'

/** A fresh id, so that exams on a shared database do not meet. */
export const newId = <Id extends string>(): Id => randomUUID() as string as Id

const fields: TaskFields = { title: 'A task', description: '', status: 'todo', priority: 'none', due: null, position: '', labels: [] }

interface SampleOptions {
  readonly actor?: UserId
  readonly entity?: TaskId
  readonly operationId?: OperationId
  readonly fingerprint?: string
}

/** What commands of every kind have: all but their kind, name, entity and what they say. */
export const commandHeader = ({ actor, operationId, fingerprint }: Omit<SampleOptions, 'entity'> = {}) => ({
  operationId: operationId ?? newId<OperationId>(),
  actor: actor ?? newId<UserId>(),
  acceptedAt: Date.UTC(2026, 10, 22, 10, 0, 0, 123),
  session: null,
  fingerprint: fingerprint ?? null,
  baseVersion: null,
})

const header = ({ entity, ...options }: SampleOptions) => ({
  ...commandHeader(options),
  kind: 'task' as const,
  entity: entity ?? newId<TaskId>(),
})

/** A command that makes a task. */
export const createCommand = (options: SampleOptions = {}, changed: Partial<TaskFields> = {}): TaskCommand => ({
  ...header(options),
  name: 'tasks.create',
  fields: { ...fields, ...changed },
})

/** A command that changes a task that another command made. */
export const patchCommand = (made: TaskCommand, changed: Partial<TaskFields>, operationId?: OperationId): TaskCommand => ({
  ...header({ actor: made.actor, entity: made.entity, ...(operationId && { operationId }) }),
  name: 'tasks.patch',
  fields: changed,
})

const instance = 'examined' as InstanceId
let counter = 0

/** What a command comes to on a row, ready to be committed. */
export function applied(
  row: TaskRow | null,
  command: TaskCommand,
): { row: TaskRow; write: RowWrite<'task'>; operation: OperationWrite<'task'> } {
  counter += 1
  const stamp = makeStamp(command.acceptedAt, counter, instance)
  const merged = mergeTask(row, command, stamp, 'direct').row as TaskRow
  const operation: OperationWrite<'task'> = {
    id: command.operationId,
    actor: command.actor,
    name: command.name,
    kind: 'task',
    entity: command.entity,
    fingerprint: command.fingerprint,
    stamp,
    acceptedAt: command.acceptedAt,
    instance,
    acknowledgedAs: 'committed',
    outcome: 'applied',
    reason: null,
    revision: merged.revision,
    dependsOnRow: true,
    response: command.fingerprint === null ? null : merged,
  }
  return { row: merged, write: { row: merged, expectedRevision: row?.revision ?? 0 }, operation }
}
