import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { applied, commandHeader, createCommand, newId } from '@holdfast/testkit/samples'
import { mergeSession } from '@holdfast/domain/merge-session'
import { mergeUser } from '@holdfast/domain/merge-user'
import { mergeGrant } from '@holdfast/domain/merge-grant'
import { grantIdOf, type InstanceId, type SessionId, type TaskId, type UserId } from '@holdfast/domain/identifiers'
import { makeStamp } from '@holdfast/domain/stamp'
import type { SessionCommand, SessionRow } from '@holdfast/domain/session'
import { defaultProfile } from '@holdfast/domain/profile'
import type { TaskFields, TaskRow } from '@holdfast/domain/task'
import { mergeProfile } from '@holdfast/domain/merge-profile'
import type { EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { OperationStore, OperationWrite } from '@holdfast/usecases/ports/operation-store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/open-database.ts'
import { migratedDatabase, openServer } from '../store/database.fixture.ts'
import { createOperationStore } from '../store/operation-store.postgres.ts'
import { createGrantRepository } from './grant-repository.postgres.ts'
import { createOperationRepository } from './operation-repository.postgres.ts'
import { createProfileRepository } from './profile-repository.postgres.ts'
import { createReadDatabase, type ReadDatabase } from './read-database.ts'
import { createSessionRepository } from './session-repository.postgres.ts'
import { createSubjectDirectory } from './subject-directory.postgres.ts'
import { createTaskRepository } from './task-repository.postgres.ts'

const call = { lane: 'direct-0', deadlineMs: 5_000 } as const
const stamp = makeStamp(1, 1, 'examined' as InstanceId)
const header = (actor: UserId) => ({ ...commandHeader({ actor }), acceptedAt: 1_800_000_000_000 })

describeWhen(postgresAvailability(), 'the repositories on Postgres', () => {
  let testDatabase: TestDatabase
  let database: Database
  let reads: ReadDatabase
  let store: OperationStore
  beforeAll(async () => {
    testDatabase = await migratedDatabase()
    database = await openServer(testDatabase.url)
    reads = createReadDatabase(database.lanes, 5_000)
    store = createOperationStore(database.lanes)
  })
  afterAll(async () => {
    await database.close()
    await testDatabase.drop()
  })

  const put = async <Kind extends EntityKind>(kind: Kind, row: RowOf<Kind> | null): Promise<void> => {
    const { operation } = applied(null, createCommand())
    const write = { ...operation, kind, entity: row?.id } as unknown as OperationWrite<Kind>
    await store.commit(kind, { rows: [{ row: row as RowOf<Kind>, expectedRevision: 0 }], operations: [write], lost: [] }, call)
  }
  const putTask = async (
    owner: UserId,
    createdAt: number,
    changed: Partial<TaskFields & { isDeleted: boolean }> = {},
    id = newId<TaskId>(),
  ) => {
    const made = applied(null, createCommand({ actor: owner, entity: id }))
    const row: TaskRow = { ...made.row, createdAt, ...changed }
    const batch = { rows: [{ row, expectedRevision: 0 }], operations: [made.operation], lost: [] }
    await store.commit('task', batch, call)
    return row
  }

  describe('tasks', () => {
    test('are found by their owner alone, deleted ones too', async () => {
      const owner = newId<UserId>()
      const row = await putTask(owner, 1_000, {
        isDeleted: true,
        due: { instant: '2026-01-02T03:04:05.678Z', zone: 'UTC' },
        labels: ['a,b', '"'],
      })
      const tasks = createTaskRepository(reads)
      expect(await tasks.find(owner, row.id)).toEqual(row)
      expect(await tasks.find(newId<UserId>(), row.id)).toBeNull()
      expect(await tasks.find(owner, newId<TaskId>())).toBeNull()
    })
  })

  test('operations are found by their actor alone', async () => {
    const { row, write, operation } = applied(null, createCommand())
    await store.commit('task', { rows: [write], operations: [operation], lost: [] }, call)
    const operations = createOperationRepository(reads)
    const { dependsOnRow: _, response: __, ...kept } = operation
    expect(await operations.find(row.owner, operation.id)).toEqual({ ...kept, appliedAt: expect.any(Number) })
    expect(await operations.find(newId<UserId>(), operation.id)).toBeNull()
  })

  test('an operation that expired is found as that, and listed by it', async () => {
    const { row, operation } = applied(null, createCommand())
    const expired = { ...operation, outcome: 'expired', reason: 'WRITE_EXPIRED', dependsOnRow: false, response: null, revision: 0 } as const
    await store.commit('task', { rows: [], operations: [expired], lost: [] }, call)
    const operations = createOperationRepository(reads)
    const known = { id: operation.id, outcome: 'expired', reason: 'WRITE_EXPIRED', revision: 0 }
    expect(await operations.find(row.owner, operation.id)).toMatchObject(known)
    const listed = async (outcome: 'expired' | 'rejected') =>
      operations.list({ actor: row.owner, outcomes: [outcome], after: null, limit: 10 })
    expect(await listed('expired')).toMatchObject([known])
    expect(await listed('rejected')).toEqual([])
  })

  test('profiles and grants', async () => {
    const user = newId<UserId>()
    const profile = { ...header(user), kind: 'profile', name: 'profile.replace', entity: user, fields: defaultProfile } as const
    const { row } = mergeProfile(null, profile, stamp, 'direct')
    expect(await createProfileRepository(reads).find(user)).toBeNull()
    await put('profile', row)
    expect(await createProfileRepository(reads).find(user)).toEqual(row)
    for (const [role, name] of [
      ['admin', 'roles.grant'],
      ['auditor', 'roles.revoke'],
    ] as const) {
      const grant = { ...header(user), kind: 'grant', name, entity: grantIdOf(user, role), user, role } as const
      await put('grant', mergeGrant(null, grant, stamp, 'direct').row)
    }
    expect(await createGrantRepository(reads).rolesOf(user)).toEqual(['admin'])
  })

  test('sessions, and what ended since', async () => {
    const user = newId<UserId>()
    const begin = 1_800_000_000_000
    const session = { ...header(user), kind: 'session', entity: newId<SessionId>() } as const
    const start: SessionCommand = { ...session, name: 'sessions.start', authenticatedAt: begin, expiresAt: begin + 1 }
    const { row: started } = mergeSession(null, start, stamp, 'direct')
    const { row: ended } = mergeSession(started, { ...session, name: 'sessions.end', reason: 'logout' }, stamp, 'direct')
    await put('session', { ...(ended as SessionRow), presentations: [{ counter: 3, at: begin }] })
    const sessions = createSessionRepository(reads)
    expect(await sessions.find(session.entity)).toMatchObject({
      owner: user,
      endReason: 'logout',
      presentations: [{ counter: 3, at: begin }],
    })
    const disabling = { ...header(user), kind: 'user', name: 'users.disable', entity: user } as const
    await put('user', mergeUser(null, disabling, stamp, 'direct').row)
    const revoked = await sessions.revokedSince(begin)
    expect(revoked).toEqual(
      expect.arrayContaining([
        { user, session: session.entity, at: begin },
        { user, session: null, at: begin },
      ]),
    )
    expect(await sessions.revokedSince(begin + 1)).toEqual([])
  })

  describe('subjects', () => {
    const digest = (keyId: string, text: string) => ({ keyId, digest: new TextEncoder().encode(text) })
    test('are linked once, keep their user when the key changes, and are told apart', async () => {
      const subjects = createSubjectDirectory(database.lanes, 5_000)
      const [derived, other] = [newId<UserId>(), newId<UserId>()]
      const old = digest('old', derived)
      const current = digest('new', derived)
      expect(await subjects.resolve([old], derived)).toEqual({ user: derived, isNew: true, isDisabled: false })
      expect(await subjects.resolve([current, old], other)).toMatchObject({ user: derived })
      expect(await subjects.resolve([current], other)).toMatchObject({ user: derived })
      expect(await subjects.resolve([digest('new', other)], other)).toMatchObject({ user: other })
    })
    test('at two instances at once give one user', async () => {
      const subjects = createSubjectDirectory(database.lanes, 5_000)
      const derived = newId<UserId>()
      const answers = await Promise.all(Array.from({ length: 8 }, () => subjects.resolve([digest('new', derived)], derived)))
      expect(new Set(answers.map(({ user }) => user))).toEqual(new Set([derived]))
    })
    test('of a disabled user say so', async () => {
      const subjects = createSubjectDirectory(database.lanes, 5_000)
      const user = newId<UserId>()
      await subjects.resolve([digest('new', user)], user)
      const disabling = { ...header(user), kind: 'user', name: 'users.disable', entity: user } as const
      await put('user', mergeUser(null, disabling, stamp, 'direct').row)
      expect(await subjects.resolve([digest('new', user)], user)).toEqual({ user, isNew: false, isDisabled: true })
    })
  })
})
