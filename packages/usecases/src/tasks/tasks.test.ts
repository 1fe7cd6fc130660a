import type { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskCommand, TaskFields, TaskRow } from '@holdfast/domain/task'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Receipt, WritePort } from '../ports/write-port.ts'
import { grantRole } from '../roles/change-role.ts'
import { parseRoleChange } from '../roles/role-change.ts'
import { createTask } from './create-task.ts'
import { patchTask } from './patch-task.ts'

const now = 1_800_000_000_000
const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const id = 'a0000000-0000-8000-8000-000000000001' as TaskId
const actor: Actor = { kind: 'user', userId: user, sessionId: 's' as SessionId, authenticatedAt: now }
const fields: TaskFields = { title: 'a', description: '', status: 'todo', priority: 'none', due: null, position: '', labels: [] }
const row = (overrides: Partial<TaskRow> = {}) =>
  ({ ...fields, id, owner: user, isDeleted: false, createdAt: now, ...overrides }) as TaskRow

let chance = 0
const clock: Clock = {
  now: () => now + 0.7,
  monotonic: () => 0,
  sleep: async () => {},
  random: (length) => new Uint8Array(length).fill(++chance),
}
let submitted: TaskCommand[] = []
const writes: WritePort = {
  async submit(command) {
    submitted.push(command as unknown as TaskCommand)
    return { state: 'committed', operationId: command.operationId, row: row(), isReplay: false } as unknown as Receipt<typeof command.kind>
  },
}
beforeEach(() => {
  submitted = []
})
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: ApplicationError) => ({ code: error.code, faults: error.faults }),
  )

describe('creating', () => {
  const create = createTask({ clock, writes })
  test('with a key makes the same command at every instance, but for the time', async () => {
    await create(actor, fields, { idempotencyKey: 'k' })
    await create(actor, { ...fields }, { idempotencyKey: 'k' })
    const [first, second] = submitted
    expect(first).toEqual(second)
    expect(first?.entity).not.toBe(id)
  })
  test('without one makes a new operation, and a new task, each time', async () => {
    await create(actor, fields, {})
    await create(actor, fields, {})
    expect(submitted[0]?.operationId).not.toBe(submitted[1]?.operationId)
    expect(submitted[0]?.entity).not.toBe(submitted[1]?.entity)
    expect(submitted[0]?.fingerprint).toBeNull()
  })
  test('takes the client’s id, and stores what was given in its one form', async () => {
    const due = { instant: '2026-12-01T09:00:00.1234+01:00', zone: 'Europe/Berlin' }
    await create(actor, { ...fields, id, labels: ['b', 'a', 'b'], due }, {})
    expect(submitted[0]).toMatchObject({
      entity: id,
      acceptedAt: now,
      fields: { labels: ['a', 'b'], due: { instant: '2026-12-01T08:00:00.123Z' } },
    })
  })
  test('another input or another If-Match under the same key has another fingerprint', async () => {
    await create(actor, fields, { idempotencyKey: 'k' })
    await create(actor, { ...fields, title: 'b' }, { idempotencyKey: 'k' })
    await create(actor, fields, { idempotencyKey: 'k', ifMatch: `1.${id}` })
    expect(new Set(submitted.map(({ fingerprint }) => fingerprint)).size).toBe(3)
    expect(new Set(submitted.map(({ operationId }) => operationId)).size).toBe(1)
  })
  test('the operator has no tasks', async () => {
    expect(await failure(create({ kind: 'operator' }, fields, {}))).toMatchObject({ code: 'AUTH_PERMISSION_DENIED' })
    expect(submitted).toEqual([])
  })
})

describe('patching', () => {
  const patch = patchTask({ clock, writes })
  test('null goes back to the default, what is left out is left alone', async () => {
    await patch(actor, { id, description: null, priority: null, due: null, position: null, labels: null }, {})
    expect(submitted[0]).toMatchObject({ fields: { description: '', priority: 'none', due: null, position: '', labels: [] } })
    await patch(actor, { id, title: 'b' }, {})
    expect(submitted[1]).toHaveProperty('fields', { title: 'b' })
  })
  test.each([
    [{}, ''],
    [{ labels: ['a'], addLabels: ['b'] }, '/addLabels'],
    [{ labels: null, removeLabels: ['b'] }, '/removeLabels'],
    [{ addLabels: ['a', 'b'], removeLabels: ['c', 'b'] }, '/removeLabels/1'],
  ])('%j is refused', async (changes, pointer) => {
    expect(await failure(patch(actor, { id, ...changes }, {}))).toMatchObject({ code: 'REQUEST_INVALID', faults: [{ pointer }] })
  })
  test('a version that is none of ours matches nothing', async () => {
    expect(await failure(patch(actor, { id, title: 'b' }, { ifMatch: 'W/nonsense' }))).toMatchObject({ code: 'VERSION_STALE' })
    expect(submitted).toEqual([])
  })
})

describe('roles', () => {
  const grant = (roles: readonly 'admin'[]) => grantRole({ clock, writes, grants: { rolesOf: async () => roles } })
  test('are granted by those who may, and by the operator', async () => {
    await grant([])({ kind: 'operator' }, { user, role: 'auditor' })
    await grant(['admin'])(actor, { user, role: 'auditor' })
    expect(submitted).toMatchObject([
      { name: 'roles.grant', role: 'auditor' },
      { name: 'roles.grant', actor: user },
    ])
    expect(await failure(grant([])(actor, { user, role: 'auditor' }))).toMatchObject({ code: 'AUTH_PERMISSION_DENIED' })
  })
  test('what an operator types is checked, every fault at once', () => {
    expect(parseRoleChange({ user: user.toUpperCase(), role: 'admin' })).toEqual({ user, role: 'admin' })
    const faults = (() => {
      try {
        return parseRoleChange({ user: 'ada', role: 'member' })
      } catch (error) {
        return (error as ApplicationError).faults.map(({ pointer }) => pointer)
      }
    })()
    expect(faults).toEqual(['/user', '/role'])
  })
})
