import type { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { versionOf } from '@holdfast/domain/version'
import { beforeEach, expect, test } from 'vitest'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { Actor } from '../ports/actor.ts'
import { getTask } from './get-task.ts'
import { creation, edit, owner, removal } from './task-commands.fixture.ts'
import { createTestTasks, type TestTasks } from './task-repository.fixture.ts'

const actor: Actor = { kind: 'user', userId: owner, sessionId: 's' as SessionId, authenticatedAt: 0 }
let tasks: TestTasks
let pending: TestPendingCommands
beforeEach(() => {
  tasks = createTestTasks()
  pending = createTestPendingCommands()
})
const get = async (id: string) =>
  getTask({ pending, tasks })(actor, { id: id as TaskId }).then(
    ({ row, durability }) => `${row.title}, ${durability}, ${versionOf(row)}`,
    (error: ApplicationError) => error.code ?? error.name,
  )
const drain = (command: TaskCommand) => {
  const waiting = pending.take(command.entity)
  tasks.apply(command, waiting?.stamp)
}

test('a task is as it is stored, unless something waits for it here', async () => {
  const made = creation({ title: 'a' })
  tasks.apply(made)
  expect(await get(made.entity)).toBe(`a, committed, 1.${made.operationId}`)
  const [first, second] = [edit(made.entity, { title: 'b' }), edit(made.entity, { title: 'c' })]
  pending.add(first)
  pending.add(second)
  const expected = `c, buffered, 3.${second.operationId}`
  expect(await get(made.entity)).toBe(expected)
  drain(first)
  expect(await get(made.entity)).toBe(expected)
  drain(second)
  expect(await get(made.entity)).toBe(`c, committed, 3.${second.operationId}`)
})

test('what is in the database and not removed from the buffer yet is not laid over itself', async () => {
  const made = creation({ title: 'a' })
  const change = edit(made.entity, { title: 'b' })
  const [first, second] = [pending.add(made), pending.add(change)]
  tasks.apply(made, first.stamp)
  tasks.apply(change, second.stamp)
  expect(await get(made.entity)).toBe(`b, committed, 2.${change.operationId}`)
})

test.each([
  ['before the database reads', 1, 'committed'],
  ['before its answer has come', 2, 'buffered'],
])('a command that leaves the buffer %s is seen all the same', async (_, drainedAt, durability) => {
  const made = creation({ title: 'a' })
  pending.add(made)
  let calls = 0
  tasks.aroundRead = () => {
    calls += 1
    if (calls === drainedAt) drain(made)
  }
  expect(await get(made.entity)).toBe(`a, ${durability}, 1.${made.operationId}`)
  expect(pending.ofEntity(made.entity)).toEqual([])
})

test('what was deleted here is gone, and what was restored here is back', async () => {
  const made = creation({ title: 'a' })
  tasks.apply(made)
  pending.add(removal(made.entity))
  expect(await get(made.entity)).toBe('TASK_NOT_FOUND')
  pending.add(removal(made.entity, 'tasks.restore'))
  expect(await get(made.entity)).toMatch(/^a, buffered, 3\./)
})

test('while the database is away, only a task that was made here is known', async () => {
  const stored = creation({ title: 'stored' })
  tasks.apply(stored)
  const made = creation({ title: 'made here' })
  const change = edit(made.entity, { title: 'and changed' })
  pending.add(made)
  pending.add(change)
  pending.add(edit(stored.entity, { title: 'changed' }))
  tasks.isAway = true
  expect(await get(made.entity)).toBe(`and changed, buffered, 2.${change.operationId}`)
  expect(await get(stored.entity)).toBe('StoreError')
  expect(await get('a0000000-0000-8000-8000-000000000099')).toBe('StoreError')
})

test('nobody sees somebody else’s, stored or waiting', async () => {
  const stranger = 'b0000000-0000-8000-8000-000000000002' as UserId
  const [stored, waiting] = [creation({}, { actor: stranger }), creation({}, { actor: stranger })]
  tasks.apply(stored)
  pending.add(waiting)
  pending.add(edit(stored.entity, { title: 'mine' }))
  pending.add(edit(waiting.entity, { title: 'mine' }))
  expect([await get(stored.entity), await get(waiting.entity)]).toEqual(['TASK_NOT_FOUND', 'TASK_NOT_FOUND'])
  tasks.isAway = true
  expect(await get(waiting.entity)).toBe('StoreError')
})

test('a deleted task is not found, nor one that is not there', async () => {
  const made = creation()
  tasks.apply(made)
  tasks.apply(removal(made.entity), '1'.repeat(21) as never)
  expect(await get(made.entity)).toBe('TASK_NOT_FOUND')
  expect(await get('a0000000-0000-8000-8000-000000000099')).toBe('TASK_NOT_FOUND')
})
