import { ApplicationError } from '@holdfast/domain/application-error'
import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import { chanceOf } from '@holdfast/testkit/seeded-integers'
import { beforeEach, describe, expect, test } from 'vitest'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { OperationFound, OperationQuery } from '../ports/operation-repository.ts'
import { StoreError, type StoreFailure } from '../ports/operation-store.ts'
import { creation, owner } from '../tasks/task-commands.fixture.ts'
import { listOperations } from './list-operations.ts'
import type { OperationState } from './operation-status.ts'

const now = 1_800_000_000_000
const actor: Actor = { kind: 'user', userId: owner, sessionId: 's' as SessionId, authenticatedAt: now }
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {}, random: (length) => new Uint8Array(length) }
const cursors: Cursors = {
  seal: (...parts) => JSON.stringify(parts),
  open(purpose, user, text) {
    const [sealedFor, sealedBy, position] = JSON.parse(text)
    if (sealedFor !== purpose || sealedBy !== user) throw new ApplicationError('REQUEST_INVALID')
    return position
  },
}

let asked: OperationQuery[]
let stored: OperationFound[]
let isAway: boolean
let failure: StoreFailure
let pending: TestPendingCommands
/** Between the look at the buffer and the database’s answer. */
let meanwhile: () => void
beforeEach(() => {
  asked = []
  stored = [1, 2, 3].map((index) => found(`o${index}`, now - index))
  isAway = false
  failure = 'unavailable'
  pending = createTestPendingCommands()
  meanwhile = () => undefined
})
const found = (
  id: string,
  appliedAt: number,
  outcome: OperationFound['outcome'] = 'applied',
  reason: OperationFound['reason'] = null,
): OperationFound => ({ id: id as OperationId, actor: owner, appliedAt, acceptedAt: now, outcome, reason, revision: 1 }) as OperationFound
const list = (state: readonly OperationState[] = [], cursor?: string, limit = 2) =>
  listOperations({
    clock,
    cursors,
    pending,
    operations: {
      find: async () => null,
      async list(query) {
        asked.push(query)
        meanwhile()
        if (isAway) throw new StoreError(failure)
        const { after, except = [] } = query
        return stored
          .filter(({ id }) => !except.includes(id))
          .filter(({ outcome }) => query.outcomes.includes(outcome))
          .filter((it) => after === null || it.appliedAt < after.appliedAt || (it.appliedAt === after.appliedAt && it.id < after.id))
          .toSorted((a, b) => b.appliedAt - a.appliedAt || (a.id < b.id ? 1 : -1))
          .slice(0, query.limit)
      },
    },
  })(actor, { limit, cursor, state })
const ids = ({ rows }: Awaited<ReturnType<typeof list>>) => rows.map(({ id }) => id)

test('operations come page by page', async () => {
  const page = await list()
  expect(page).toMatchObject({ rows: [{ id: 'o1' }, { id: 'o2' }], source: 'database', asOf: now, isPartial: false })
  expect(ids(await list([], page.nextCursor as string))).toEqual(['o3'])
  expect(asked).toEqual([
    { actor: owner, outcomes: ['applied', 'conflicted', 'rejected', 'expired'], after: null, except: [], limit: 3 },
    {
      actor: owner,
      outcomes: ['applied', 'conflicted', 'rejected', 'expired'],
      after: { appliedAt: now - 2, id: 'o2' },
      except: [],
      limit: 3,
    },
  ])
})

test('a state filters, and belongs to the cursor', async () => {
  stored = stored.map((it) => ({ ...it, outcome: 'rejected' }))
  const { nextCursor } = await list(['rejected', 'conflicted'])
  expect(asked[0]?.outcomes).toEqual(['conflicted', 'rejected'])
  await list(['conflicted', 'rejected'], nextCursor as string)
  await expect(list(['conflicted'], nextCursor as string)).rejects.toThrow(ApplicationError)
})

test('what no database holds is asked of none', async () => {
  expect(await list(['pending'])).toMatchObject({ rows: [], nextCursor: null, source: 'cache', isPartial: false })
  expect(asked).toEqual([])
})

const wait = () => pending.add(creation()).command.operationId
/** As the drain does: a row first, then a dead letter. */
const bury = (reason: 'WRITE_EXPIRED' | 'WRITE_PREDECESSOR_FAILED', diedAt: number, command = creation()) => {
  stored.push(found(command.operationId, diedAt, reason === 'WRITE_EXPIRED' ? 'expired' : 'rejected', reason))
  pending.bury(command, reason, diedAt)
  return command.operationId
}
const pages = async (state: readonly OperationState[], limit: number, between: () => void = () => undefined, first?: string) => {
  const all: (readonly [OperationId, OperationState])[] = []
  for (let cursor = first; ;) {
    if (all.length > 100) throw new Error('The list has no end.')
    const { rows, nextCursor } = await list(state, cursor, limit)
    all.push(...rows.map((row) => [row.id, row.state] as const))
    if (nextCursor === null) return all
    cursor = nextCursor
    between()
  }
}

describe('with writes that wait here', () => {
  test.each([1, 2, 3, 4, 100])('they come first, then the database’s, dead letters among them, in pages of %d', async (limit) => {
    const [first, second] = [wait(), wait()]
    pending.add(creation({}, { actor: 'somebody else' as UserId }))
    const old = [bury('WRITE_EXPIRED', 5), bury('WRITE_PREDECESSOR_FAILED', 7), bury('WRITE_EXPIRED', 5)] as const
    const latest = bury('WRITE_EXPIRED', now)
    expect(await pages([], limit)).toEqual([
      [second, 'pending'],
      [first, 'pending'],
      [latest, 'expired'],
      ['o1', 'applied'],
      ['o2', 'applied'],
      ['o3', 'applied'],
      [old[1], 'rejected'],
      [old[2], 'expired'],
      [old[0], 'expired'],
    ])
    stored.push(found('o4', now - 4, 'rejected'))
    expect(await pages(['pending'], limit)).toHaveLength(2)
    expect(await pages(['expired'], limit)).toEqual([latest, old[2], old[0]].map((id) => [id, 'expired']))
    expect(await pages(['rejected'], limit)).toEqual([
      ['o4', 'rejected'],
      [old[1], 'rejected'],
    ])
    expect(await pages(['applied'], limit)).toHaveLength(3)
    expect(await pages(['pending', 'expired'], limit)).toHaveLength(5)
  })

  test('says of each what is known', async () => {
    pending.add(creation(), { attempts: 4, lastFailure: 'STORE_UNAVAILABLE' })
    bury('WRITE_EXPIRED', now)
    expect((await list()).rows).toMatchObject([
      { state: 'pending', attempts: 4, reason: 'STORE_UNAVAILABLE', appliedAt: null, version: null },
      { state: 'expired', attempts: 1, reason: 'WRITE_EXPIRED', appliedAt: now, version: null },
    ])
    isAway = true
    expect((await list()).rows).toMatchObject([
      { state: 'pending', attempts: 4, reason: 'STORE_UNAVAILABLE', appliedAt: null, version: null },
      { state: 'expired', attempts: 3, reason: 'WRITE_EXPIRED', appliedAt: null, version: null },
    ])
  })

  test('while they are drained none is left out, and on one page none is shown twice', async () => {
    for (let seed = 0; seed < 100; seed++) {
      const chance = chanceOf(seed)
      pending = createTestPendingCommands()
      stored = [1, 2, 3].map((index) => found(`o${index}`, now - index))
      const all = new Set<OperationId>([...stored.map(({ id }) => id), ...Array.from({ length: 1 + chance(6) }, wait)])
      const drainOne = () => drain(chance)
      meanwhile = drainOne
      const limit = 1 + chance(5)
      const seen = await pages([], limit, drainOne)
      expect(new Set(seen.map(([id]) => id)), `seed ${seed}`).toEqual(all)
      const atOnce = await list([], undefined, 100)
      expect(new Set(ids(atOnce)).size).toBe(atOnce.rows.length)
    }
  })

  test('one that is drained while the page is read is told as applied, and the page has its cursor all the same', async () => {
    const waiting = pending.add(creation())
    meanwhile = () => void stored.unshift(found(waiting.command.operationId, now))
    const page = await list()
    expect(page.rows).toMatchObject([{ id: waiting.command.operationId, state: 'applied' }, { id: 'o1' }])
    expect(ids(await list([], page.nextCursor as string))).toEqual(['o2', 'o3'])
  })
})

/** Applies or gives up the one that has waited longest, or nothing. */
function drain(chance: (below: number) => number) {
  const [oldest] = pending.ofActor({ actor: owner, before: null, limit: 1_000 }).toReversed()
  if (oldest === undefined || chance(2) === 0) return
  pending.remove(oldest.command.operationId)
  if (chance(3) === 0) bury('WRITE_EXPIRED', now + oldest.sequence, oldest.command as ReturnType<typeof creation>)
  else stored.push(found(oldest.command.operationId, now + oldest.sequence))
}

describe('while the database is away', () => {
  beforeEach(() => {
    isAway = true
  })
  test('what waits is listed, the page says that it is not all, and its cursor leads to the rest', async () => {
    const id = pending.add(creation()).command.operationId
    const page = await list()
    expect(page).toMatchObject({ rows: [{ id, state: 'pending' }], source: 'cache', isPartial: true })
    await expect(list([], page.nextCursor as string)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    isAway = false
    expect(ids(await list([], page.nextCursor as string))).toEqual(['o1', 'o2'])
  })
  test('a list that needs nothing of it is whole', async () => {
    pending.add(creation())
    expect(await list(['pending'])).toMatchObject({ rows: [{ state: 'pending' }], nextCursor: null, isPartial: false })
  })
  test('a full page of what waits is not asked for more', async () => {
    for (let count = 0; count < 3; count++) pending.add(creation())
    expect(await list()).toMatchObject({ isPartial: false })
    expect(asked).toEqual([])
  })
  test('where nothing waits it is no empty list', async () => {
    await expect(list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    bury('WRITE_EXPIRED', 5)
    await expect(list(['applied', 'rejected'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
  test('a database that answers wrongly is not away', async () => {
    wait()
    failure = 'misconfigured'
    await expect(list()).rejects.toMatchObject({ failure: 'misconfigured' })
  })

  describe('with dead letters', () => {
    let waiting: OperationId
    let dead: readonly OperationId[]
    beforeEach(() => {
      waiting = wait()
      const [c, a, d, b] = [
        bury('WRITE_EXPIRED', 5),
        bury('WRITE_PREDECESSOR_FAILED', now),
        bury('WRITE_EXPIRED', 4),
        bury('WRITE_EXPIRED', 5),
      ] as const
      dead = [a, b, c, d]
    })
    /** The pages up to an error, and whether the last said that there is more. */
    const pagesHere = async (state: readonly OperationState[], limit: number) => {
      const all: OperationId[] = []
      for (let cursor: string | undefined; ;) {
        if (all.length > 100) throw new Error('The list has no end.')
        const page = await list(state, cursor, limit).catch(() => null)
        if (page === null || page.nextCursor === null) return { all, cursor }
        all.push(...ids(page))
        cursor = page.nextCursor
      }
    }

    test.each([1, 2, 3, 4, 5, 100])(
      'they follow what waits, in pages of %d; the rest comes once it is back, and none twice',
      async (limit) => {
        const { all, cursor } = await pagesHere([], limit)
        expect(all).toEqual([waiting, ...dead])
        isAway = false
        expect(await pages([], limit, undefined, cursor)).toEqual(['o1', 'o2', 'o3'].map((id) => [id, 'applied']))
      },
    )
    test('the filter is that of the database', async () => {
      const [a, b, c, d] = dead
      expect((await pagesHere(['expired'], 2)).all).toEqual([b, c, d])
      expect((await pagesHere(['rejected'], 2)).all).toEqual([a])
      expect((await pagesHere(['rejected', 'pending'], 1)).all).toEqual([waiting, a])
      stored.push(found('o4', now - 4, 'expired'))
      const { cursor } = await pagesHere(['expired', 'rejected'], 3)
      isAway = false
      expect(await pages(['expired', 'rejected'], 3, undefined, cursor)).toEqual([['o4', 'expired']])
    })
    test('a page full of them does not ask for more, nor is partial, once the list has begun with them', async () => {
      const { nextCursor } = await list([], undefined, 2)
      asked = []
      expect(await list([], nextCursor as string, 2)).toMatchObject({ rows: [{ id: dead[1] }, { id: dead[2] }], isPartial: false })
      expect(asked).toEqual([])
    })
    test('one that dies after the list began with them comes from the database', async () => {
      const { nextCursor } = await list([], undefined, 3)
      isAway = false
      const latest = bury('WRITE_EXPIRED', now + 1)
      const rest = await pages([], 2, undefined, nextCursor as string)
      expect(rest.map(([id]) => id)).toEqual([dead[2], dead[3], latest, 'o1', 'o2', 'o3'])
    })
    test('at an instance that does not have them the list goes on with the database’s, or with its own, and leaves none out', async () => {
      const { nextCursor } = await list([], undefined, 3)
      pending = createTestPendingCommands()
      const others = [bury('WRITE_EXPIRED', now + 1), bury('WRITE_EXPIRED', 6)]
      const page = await list([], nextCursor as string, 3)
      expect([ids(page), page.isPartial]).toEqual([others, true])
      isAway = false
      const ofDatabase = ['o1', 'o2', 'o3', ...dead]
      const rest = await pages([], 3, undefined, page.nextCursor as string)
      expect(new Set(rest.map(([id]) => id))).toEqual(new Set(ofDatabase))
      expect(rest).toHaveLength(ofDatabase.length)
      expect(await pages([], 3, undefined, nextCursor as string)).toHaveLength(ofDatabase.length + others.length)
    })
    test('one that dies while the page is read is shown once, as what became of it', async () => {
      const command = pending.ofActor({ actor: owner, before: null, limit: 1 })[0]?.command as ReturnType<typeof creation>
      meanwhile = () => {
        pending.remove(waiting)
        bury('WRITE_EXPIRED', now + 1, command)
      }
      const page = await list([], undefined, 100)
      expect(page.rows.filter(({ id }) => id === waiting)).toMatchObject([{ state: 'expired' }])
      expect(page.rows).toHaveLength(5)
    })
  })

  test('going away and coming back as it will, it lets no page leave one out, nor show one twice in one state', async () => {
    for (let seed = 0; seed < 500; seed++) {
      const chance = chanceOf(seed)
      pending = createTestPendingCommands()
      stored = [1, 2, 3].map((index) => found(`o${index}`, now - index))
      for (let count = chance(5); count > 0; count--) bury(chance(2) === 0 ? 'WRITE_EXPIRED' : 'WRITE_PREDECESSOR_FAILED', now - chance(4))
      const all = new Set<OperationId>([...stored.map(({ id }) => id), ...Array.from({ length: chance(5) }, wait)])
      const turn = () => {
        isAway = chance(2) === 0
        if (!isAway) drain(chance)
      }
      const limit = 1 + chance(4)
      const seen: string[] = []
      turn()
      for (let cursor: string | undefined, tries = 0; tries < 200; tries++) {
        const page = await list([], cursor, limit).catch((error: ApplicationError) => error.code)
        turn()
        if (page === 'STORE_UNAVAILABLE') continue
        if (typeof page === 'string') throw new Error(page)
        seen.push(...page.rows.map(({ id, state }) => `${id} ${state}`))
        if (page.nextCursor === null) break
        cursor = page.nextCursor
      }
      expect(new Set(seen.map((it) => it.split(' ')[0])), `seed ${seed}`).toEqual(all)
      expect(seen.length, `seed ${seed}`).toBe(new Set(seen).size)
    }
  })
})
