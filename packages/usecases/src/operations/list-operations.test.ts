import { ApplicationError } from '@holdfast/domain/application-error'
import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { expect, test } from 'vitest'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { OperationFound, OperationQuery } from '../ports/operation-repository.ts'
import { listOperations, type OperationState } from './list-operations.ts'

const now = 1_800_000_000_000
const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const actor: Actor = { kind: 'user', userId: user, sessionId: 's' as SessionId, authenticatedAt: now }
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {}, random: (length) => new Uint8Array(length) }
const cursors: Cursors = {
  seal: (...parts) => JSON.stringify(parts),
  open(purpose, owner, text) {
    const [sealedFor, sealedBy, position] = JSON.parse(text)
    if (sealedFor !== purpose || sealedBy !== owner) throw new ApplicationError('REQUEST_INVALID')
    return position
  },
}

let asked: OperationQuery[] = []
const list = (state: readonly OperationState[], cursor?: string) => {
  asked = []
  return listOperations({
    clock,
    cursors,
    operations: {
      find: async () => null,
      async list(query) {
        asked.push(query)
        return [1, 2, 3]
          .map((index) => ({ id: `o${index}` as OperationId, appliedAt: now - index }) as OperationFound)
          .slice(0, query.limit)
      },
    },
  })(actor, { limit: 2, cursor, state })
}

test('operations come page by page', async () => {
  const page = await list([])
  expect(page).toMatchObject({ rows: [{ id: 'o1' }, { id: 'o2' }], source: 'database', asOf: now })
  await list([], page.nextCursor as string)
  expect(asked).toEqual([
    { actor: user, outcomes: ['applied', 'conflicted', 'rejected'], after: { appliedAt: now - 2, id: 'o2' }, limit: 3 },
  ])
})

test('a state filters, and belongs to the cursor', async () => {
  const { nextCursor } = await list(['rejected', 'conflicted'])
  expect(asked[0]?.outcomes).toEqual(['conflicted', 'rejected'])
  await list(['conflicted', 'rejected'], nextCursor as string)
  await expect(list(['conflicted'], nextCursor as string)).rejects.toThrow(ApplicationError)
})

test('what no store holds is asked of none', async () => {
  expect(await list(['pending', 'expired'])).toMatchObject({ rows: [], nextCursor: null })
  expect(asked).toEqual([])
})
