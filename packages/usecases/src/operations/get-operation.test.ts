import { ApplicationError } from '@holdfast/domain/application-error'
import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { beforeEach, describe, expect, test } from 'vitest'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { Actor } from '../ports/actor.ts'
import type { OperationFound } from '../ports/operation-repository.ts'
import { StoreError, type StoreFailure } from '../ports/operation-store.ts'
import { creation, owner } from '../tasks/task-commands.fixture.ts'
import { getOperation } from './get-operation.ts'

const actor: Actor = { kind: 'user', userId: owner, sessionId: 's' as SessionId, authenticatedAt: 0 }
const stranger = 'b0000000-0000-8000-8000-000000000002' as UserId
let pending: TestPendingCommands
let stored: Map<OperationId, OperationFound>
let failure: StoreFailure | null
/** Before the database reads, and before its answer has come. */
let meanwhile: () => void
let afterwards: () => void
let get: (id: OperationId) => Promise<unknown>
beforeEach(() => {
  pending = createTestPendingCommands()
  stored = new Map()
  failure = null
  meanwhile = () => undefined
  afterwards = () => undefined
  const operations = {
    list: async () => [],
    async find(user: UserId, id: OperationId) {
      meanwhile()
      if (failure !== null) throw new StoreError(failure)
      const it = stored.get(id)
      await Promise.resolve()
      afterwards()
      return it?.actor === user ? it : null
    },
  }
  const read = getOperation({ operations, pending })
  get = async (id) =>
    read(actor, { id }).then(
      ({ state }) => state,
      (error: unknown) => (error instanceof ApplicationError ? error.code : (error as StoreError).failure),
    )
})
const apply = (id: OperationId, changed: Partial<OperationFound> = {}) =>
  stored.set(id, {
    id,
    actor: owner,
    outcome: 'applied',
    reason: null,
    appliedAt: 1,
    acceptedAt: 1,
    revision: 3,
    ...changed,
  } as OperationFound)
const wait = (by: UserId = owner) => pending.add(creation({}, { actor: by })).command.operationId

test('it is pending while it waits, and what the database says afterwards', async () => {
  const id = wait()
  expect(await get(id)).toBe('pending')
  apply(id)
  expect(await get(id)).toBe('applied')
  pending.remove(id)
  expect(await get(id)).toBe('applied')
})

test.each(['WRITE_EXPIRED', 'WRITE_PREDECESSOR_FAILED', 'INTERNAL_ERROR'] as const)(
  'a dead letter by %s is that, from the buffer and from the database',
  async (reason) => {
    const state = reason === 'WRITE_EXPIRED' ? 'expired' : 'rejected'
    const command = creation()
    pending.bury(command, reason, 5)
    expect(await get(command.operationId)).toBe(state)
    // What its key waits for again is known.
    pending.add(command)
    expect(await get(command.operationId)).toBe(state)
    apply(command.operationId, { outcome: state, reason })
    expect(await get(command.operationId)).toBe(state)
    pending.remove(command.operationId)
    failure = 'unavailable'
    expect(await get(command.operationId)).toBe(state)
  },
)

test('where the database and the buffer differ, the database is right', async () => {
  const command = creation()
  pending.bury(command, 'WRITE_EXPIRED', 5)
  apply(command.operationId)
  expect(await get(command.operationId)).toBe('applied')
})

test('one that leaves the buffer while it is asked for is never unknown', async () => {
  const id = wait()
  const drain = () => {
    pending.remove(id)
    apply(id)
  }
  afterwards = drain
  expect(await get(id)).toBe('pending')
  afterwards = () => undefined
  meanwhile = drain
  expect(await get(id)).toBe('applied')
})

test('nobody learns of somebody else’s', async () => {
  const id = wait(stranger)
  const dead = creation({}, { actor: stranger })
  pending.bury(dead, 'WRITE_EXPIRED', 5)
  expect([await get(id), await get(dead.operationId)]).toEqual(['OPERATION_NOT_FOUND', 'OPERATION_NOT_FOUND'])
  apply(id, { actor: stranger })
  expect(await get(id)).toBe('OPERATION_NOT_FOUND')
})

describe('while the database is away', () => {
  test('what waits here is told, and nothing else is called unknown', async () => {
    const [id, others] = [wait(), wait(stranger)]
    const dead = creation()
    pending.bury(dead, 'WRITE_EXPIRED', 5)
    failure = 'unavailable'
    expect([await get(id), await get(dead.operationId)]).toEqual(['pending', 'expired'])
    expect([await get('0' as OperationId), await get(others)]).toEqual(['unavailable', 'unavailable'])
  })
  test('what was said to be applied is not pending again, though the buffer has not heard of it', async () => {
    const id = wait()
    apply(id)
    expect(await get(id)).toBe('applied')
    failure = 'unavailable'
    expect(await get(id)).toBe('applied')
  })
  test('nor when its key is sent again and waits again', async () => {
    const command = creation()
    apply(command.operationId)
    expect(await get(command.operationId)).toBe('applied')
    failure = 'unavailable'
    pending.add(command)
    expect(await get(command.operationId)).toBe('applied')
  })
  test('a database that answers wrongly is not away', async () => {
    const id = wait()
    failure = 'misconfigured'
    expect(await get(id)).toBe('misconfigured')
  })
})

test('a version is told of what made one', async () => {
  const read = async (outcome: OperationFound['outcome'], reason: OperationFound['reason']) => {
    const id = '0190a0b0-0000-7000-8000-000000000001' as OperationId
    apply(id, { outcome, reason })
    const found = await getOperation({ pending, operations: { list: async () => [], find: async () => stored.get(id) ?? null } })(actor, {
      id,
    })
    return found.version
  }
  expect(await read('applied', null)).toBe('3.0190a0b0-0000-7000-8000-000000000001')
  expect(await read('conflicted', null)).toBe('3.0190a0b0-0000-7000-8000-000000000001')
  expect([await read('conflicted', 'VERSION_STALE'), await read('rejected', 'TASK_NOT_FOUND')]).toEqual([null, null])
  expect(await read('expired', 'WRITE_EXPIRED')).toBeNull()
})
