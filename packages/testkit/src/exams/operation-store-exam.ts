import { entityIdOf, grantIdOf, type GrantId, type OperationId, type SessionId, type UserId } from '@holdfast/domain/identifiers'
import { merges, type CommandOf, type EntityKind, type RowOf } from '@holdfast/domain/entity-kinds'
import type { Merge } from '@holdfast/domain/entity'
import { makeStamp } from '@holdfast/domain/stamp'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { defaultProfile } from '@holdfast/domain/profile'
import { StoreError, type OperationStore, type StoreCall } from '@holdfast/usecases/ports/operation-store'
import { describe, expect, test } from 'vitest'
import { applied, createCommand, newId, patchCommand } from './samples.ts'

const call: StoreCall = { lane: 'direct-0', deadlineMs: 2_000 }

/** What every `OperationStore` must do. `store` is asked for once the tests run; `other` leads to the same data from another instance. */
export function registerOperationStoreExam(name: string, stores: () => { store: OperationStore; other: OperationStore }): void {
  describe(`the exam of the operation store: ${name}`, () => {
    const store = () => stores().store
    const other = () => stores().other

    test('what is committed is read back, exactly', async () => {
      const command = createCommand(
        { fingerprint: 'f' },
        {
          title: 'Ünïcode 😀 "quoted" \\ back',
          description: 'line\nline\t\u007f',
          due: { instant: '2026-12-01T08:00:00.250Z', zone: 'Europe/Berlin' },
          labels: ['__proto__', 'a,b', '{x}', 'null', '"q"'],
          position: 'a0V',
          status: 'done',
        },
      )
      const { row, write, operation } = applied(null, command)
      expect(await store().commit('task', { rows: [write], operations: [operation], lost: [] }, call)).toEqual(new Set([row.id]))
      const found = await other().read('task', [row.id], [operation.id], call)
      expect(found.rows.get(row.id)).toEqual(row)
      expect(found.operations.get(operation.id)).toMatchObject({
        entity: row.id,
        fingerprint: 'f',
        outcome: 'applied',
        revision: 1,
        response: row,
      })
    })

    test('a due day stays a day', async () => {
      const { row, write, operation } = applied(null, createCommand({}, { due: { date: '2026-02-28' } }))
      await store().commit('task', { rows: [write], operations: [operation], lost: [] }, call)
      expect((await store().read('task', [row.id], [], call)).rows.get(row.id)?.due).toEqual({ date: '2026-02-28' })
    })

    test('what is not there is not found', async () => {
      const found = await store().read('task', [newId()], [newId<OperationId>()], call)
      expect([found.rows.size, found.operations.size]).toEqual([0, 0])
    })

    test('a read tells the time of the store, in milliseconds', async () => {
      const before = Date.now()
      const { at } = await store().read('task', [], [], call)
      expect(Number.isInteger(at) && Math.abs(at - before) < 60_000, String(at)).toBe(true)
    })

    test('a row whose revision has moved on is not written, nor its operation; the rest of the batch is', async () => {
      const first = applied(null, createCommand())
      const made = createCommand()
      await store().commit('task', { rows: [first.write], operations: [first.operation], lost: [] }, call)
      const moved = applied(first.row, patchCommand(createCommand({ actor: first.row.owner, entity: first.row.id }), { title: 'moved' }))
      await other().commit('task', { rows: [moved.write], operations: [moved.operation], lost: [] }, call)
      const late = applied(first.row, patchCommand(createCommand({ actor: first.row.owner, entity: first.row.id }), { title: 'late' }))
      const fresh = applied(null, made)
      const batch = { rows: [late.write, fresh.write], operations: [late.operation, fresh.operation], lost: [] }
      expect(await store().commit('task', batch, call)).toEqual(new Set([made.entity]))
      const found = await store().read('task', [first.row.id, made.entity], [late.operation.id, fresh.operation.id], call)
      expect(found.rows.get(first.row.id)).toMatchObject({ title: 'moved', revision: 2 })
      expect([...found.operations.keys()]).toEqual([fresh.operation.id])
    })

    test('a new row whose id is taken is not written, nor its operation', async () => {
      const first = applied(null, createCommand())
      const second = applied(null, createCommand({ entity: first.row.id }, { title: 'second' }))
      await store().commit('task', { rows: [first.write], operations: [first.operation], lost: [] }, call)
      expect((await other().commit('task', { rows: [second.write], operations: [second.operation], lost: [] }, call)).size).toBe(0)
      const found = await store().read('task', [first.row.id], [second.operation.id], call)
      expect(found.rows.get(first.row.id)).toEqual(first.row)
      expect(found.operations.size).toBe(0)
    })

    test('an operation that is there already makes the whole batch contended, and nothing of it is done', async () => {
      const first = applied(null, createCommand())
      await store().commit('task', { rows: [first.write], operations: [first.operation], lost: [] }, call)
      const again = applied(null, createCommand({ operationId: first.operation.id }))
      const beside = applied(null, createCommand())
      const batch = { rows: [again.write, beside.write], operations: [again.operation, beside.operation], lost: [] }
      const failure = await other()
        .commit('task', batch, call)
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(StoreError)
      expect((failure as StoreError).failure).toBe('contended')
      expect((await store().read('task', [again.row.id, beside.row.id], [beside.operation.id], call)).rows.size).toBe(0)
    })

    test('an operation without effect is kept without a row', async () => {
      const { operation } = applied(null, createCommand())
      const rejected = {
        ...operation,
        outcome: 'rejected' as const,
        reason: 'TASK_NOT_FOUND' as const,
        dependsOnRow: false,
        response: null,
      }
      await store().commit('task', { rows: [], operations: [rejected], lost: [] }, call)
      const found = await store().read('task', [], [operation.id], call)
      expect(found.operations.get(operation.id)).toMatchObject({ outcome: 'rejected', reason: 'TASK_NOT_FOUND', response: null })
    })

    test('several operations on one row come with it', async () => {
      const command = createCommand()
      const first = applied(null, command)
      const second = applied(first.row, patchCommand(command, { title: 'b' }))
      const batch = { rows: [{ row: second.row, expectedRevision: 0 }], operations: [first.operation, second.operation], lost: [] }
      await store().commit('task', batch, call)
      const found = await store().read('task', [command.entity], [first.operation.id, second.operation.id], call)
      expect(found.rows.get(command.entity)).toMatchObject({ revision: 2, title: 'b' })
      expect(found.operations.size).toBe(2)
    })

    test('the same new row from two instances at once: one is written', async () => {
      const entity = createCommand().entity
      const rivals = [applied(null, createCommand({ entity })), applied(null, createCommand({ entity }))] as const
      const answers = await Promise.all(
        rivals.map(({ write, operation }, index) =>
          (index === 0 ? store() : other()).commit('task', { rows: [write], operations: [operation], lost: [] }, call),
        ),
      )
      expect(answers.filter((written) => written.size === 1)).toHaveLength(1)
      expect(answers.filter((written) => written.size === 0)).toHaveLength(1)
      const found = await store().read(
        'task',
        [entity],
        rivals.map(({ operation }) => operation.id),
        call,
      )
      expect(found.operations.size).toBe(1)
    })

    test.each(everyOtherKind())('rows of kind %s are read back, exactly', async (kind, command) => {
      const merge = merges[kind] as Merge<RowOf<EntityKind>, CommandOf<EntityKind>>
      const row = merge(null, command, makeStamp(command.acceptedAt, 1, 'examined' as InstanceId), 'direct').row as RowOf<EntityKind>
      const { operation } = applied(null, createCommand({ operationId: command.operationId, actor: command.actor }))
      const write = { ...operation, kind, name: command.name, entity: row.id, response: null } as never
      await store().commit(kind, { rows: [{ row: row as never, expectedRevision: 0 }], operations: [write], lost: [] }, call)
      expect((await other().read(kind, [row.id], [], call)).rows.get(row.id)).toEqual(row)
    })
  })
}

function everyOtherKind(): [EntityKind, CommandOf<EntityKind>][] {
  const user = newId<UserId>()
  const header = () => ({
    operationId: newId<OperationId>(),
    actor: user,
    acceptedAt: Date.UTC(2026, 10, 22),
    fingerprint: null,
    session: null,
    baseVersion: null,
  })
  const session = header()
  const grant = grantIdOf(user, 'admin') satisfies GrantId
  return [
    ['profile', { ...header(), kind: 'profile', name: 'profile.replace', entity: user, fields: defaultProfile }],
    [
      'session',
      {
        ...session,
        kind: 'session',
        name: 'sessions.start',
        entity: entityIdOf(session.operationId) as SessionId,
        authenticatedAt: session.acceptedAt - 1,
        expiresAt: session.acceptedAt + 1,
      },
    ],
    ['grant', { ...header(), kind: 'grant', name: 'roles.grant', entity: grant, user, role: 'admin' }],
    ['user', { ...header(), kind: 'user', name: 'users.register', entity: user }],
  ]
}
