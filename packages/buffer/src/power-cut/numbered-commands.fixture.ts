import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { InstanceId, OperationId, SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import { makeStamp, type Stamp } from '@holdfast/domain/stamp'

const startedAt = Date.UTC(2026, 10, 22)
const actors = 3
const uuid = (kind: string, number: number): string => `${kind}-0000-8000-8000-${String(number).padStart(12, '0')}`

export const operationOf = (number: number): OperationId => uuid('0a0a0a0a', number) as OperationId
export const numberOf = (operation: OperationId): number => Number(operation.slice(-12))
export const stampOf = (number: number): Stamp => makeStamp(startedAt + number, 0, 'powercut' as InstanceId)

/** The same command for the same number, always: every seventh of class 0, every fifth on the task of the one before, some large. */
export function commandOf(number: number): AnyCommand {
  const header = {
    operationId: operationOf(number),
    actor: uuid('0c0c0c0c', number % actors) as UserId,
    session: null,
    acceptedAt: startedAt + number,
    fingerprint: number % 2 === 0 ? 'f'.repeat(43) : null,
    baseVersion: null,
  }
  if (number % 7 === 6)
    return { ...header, kind: 'session', name: 'sessions.end', entity: uuid('0d0d0d0d', number) as SessionId, reason: 'logout' }
  const description = `${number} `.repeat(number % 11 === 3 ? 20_000 : (number % 4) * 700)
  const fields = { title: `task ${number}`, description }
  if (number % 5 === 4) return { ...header, kind: 'task', name: 'tasks.patch', entity: uuid('0e0e0e0e', number - 1) as TaskId, fields }
  return {
    ...header,
    kind: 'task',
    name: 'tasks.create',
    entity: uuid('0e0e0e0e', number) as TaskId,
    fields: { ...fields, status: 'todo', priority: 'none', due: null, position: '', labels: ['a'] },
  }
}
