import type { ApplicationError } from '@holdfast/domain/application-error'
import type { CommandOf, EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'
import { zeroStamp } from '@holdfast/domain/stamp'
import { beforeEach, describe, expect, test } from 'vitest'
import { logout } from '../auth/logout.ts'
import { logoutEverywhere } from '../auth/logout-everywhere.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursors } from '../ports/cursors.ts'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { SessionQuery } from '../ports/session-repository.ts'
import type { Receipt, WritePort } from '../ports/write-port.ts'
import { endSession } from './end-session.ts'
import { listSessions } from './list-sessions.ts'

const now = 1_800_000_000_000
const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const sessionAt = (index: number) => `d0000000-0000-8000-8000-${String(index).padStart(12, '0')}` as SessionId
const current = sessionAt(0)
const actor: Actor = { kind: 'user', userId: user, sessionId: current, authenticatedAt: now }
let chance = 0
const clock: Clock = {
  now: () => now,
  monotonic: () => 0,
  sleep: async () => {},
  random: (length) => new Uint8Array(length).fill(++chance),
}
const cursors: Cursors = { seal: (...parts) => JSON.stringify(parts), open: (_purpose, _user, text) => JSON.parse(text)[2] }

let submitted: CommandOf<EntityKind>[]
let revoked: { session: SessionId | null; at: number }[]
/** What the store says to the end of a session; committed if nothing. */
let answers: Map<string, ErrorCode | 'unknown'>
let underWay = 0
let mostUnderWay = 0
const writes: WritePort = {
  async submit(command) {
    submitted.push(command)
    mostUnderWay = Math.max(mostUnderWay, ++underWay)
    await Promise.resolve()
    underWay -= 1
    const { operationId, entity } = command
    const answer = answers.get(entity)
    if (answer === 'unknown') return { state: 'unknown', operationId }
    if (answer !== undefined) return { state: 'refused', operationId, code: answer }
    return { state: 'committed', operationId, row: {}, isReplay: false, consistencyToken: 't' } as unknown as Receipt<typeof command.kind>
  },
}
let live: readonly SessionRow[]
let asked: SessionQuery[]
let source: 'database' | 'cache'
const sessions = {
  find: async () => null,
  revokedSince: async () => [],
  async list(query: SessionQuery) {
    asked.push(query)
    return { rows: live.slice(0, query.limit), source }
  },
}
const revocations = {
  add: (revocation: { session: SessionId | null; at: number }) => void revoked.push(revocation),
  isRevoked: () => false,
}
let pending: TestPendingCommands
const dependenciesNow = () => ({ clock, cursors, pending, revocations, sessions, writes })
const liveSessions = (count: number): readonly SessionRow[] =>
  Array.from(
    { length: count },
    (_, index) =>
      ({ id: sessionAt(index), owner: user, createdAt: now - index, lastSeenAt: now, expiresAt: now + 1, endedAt: null }) as SessionRow,
  )
const codeOf = (promise: Promise<unknown>): Promise<ErrorCode | 'no error'> =>
  promise.then(
    () => 'no error' as const,
    (error: ApplicationError) => error.code,
  )
beforeEach(() => {
  pending = createTestPendingCommands()
  submitted = []
  revoked = []
  asked = []
  source = 'database'
  answers = new Map()
  mostUnderWay = 0
  live = liveSessions(3)
})

test('one’s sessions are listed page by page, and the current one is told', async () => {
  const list = listSessions(dependenciesNow())
  const page = await list(actor, { limit: 2 })
  expect(page.rows.map(({ row, isCurrent }) => [row.id, isCurrent])).toEqual([
    [sessionAt(0), true],
    [sessionAt(1), false],
  ])
  expect((await list(actor, { limit: 5, cursor: page.nextCursor as string })).nextCursor).toBeNull()
  expect(asked).toEqual([
    { owner: user, liveAt: now, after: null, limit: 3 },
    { owner: user, liveAt: now, after: { createdAt: now - 1, id: sessionAt(1) }, limit: 6 },
  ])
})

describe('while commands wait here', () => {
  const header = (entity: SessionId) => ({
    kind: 'session' as const,
    operationId: `0${entity.slice(1, -4)}${String(++chance).padStart(4, '0')}` as OperationId,
    entity,
    actor: user,
    session: null,
    acceptedAt: now,
    fingerprint: null,
    baseVersion: null,
  })
  const stored = (index: number): SessionRow =>
    ({
      id: sessionAt(index),
      owner: user,
      revision: 1,
      clock: `["${zeroStamp}"]`,
      createdAt: now - 10 * index,
      lastSeenAt: now - 10 * index,
      expiresAt: now + 1_000,
      endedAt: null,
      presentations: [],
    }) as unknown as SessionRow
  const end = (index: number) => pending.add({ ...header(sessionAt(index)), name: 'sessions.end', reason: 'revoked' })
  const begin = (index: number, acceptedAt: number) =>
    pending.add({ ...header(sessionAt(index)), acceptedAt, name: 'sessions.start', authenticatedAt: now, expiresAt: now + 1_000 })
  const listed = async (limit: number, cursor?: string) => {
    const { rows, nextCursor, isPartial } = await listSessions(dependenciesNow())(actor, { limit, cursor })
    return { ids: rows.map(({ row }) => row.id), nextCursor, isPartial }
  }

  test('what ended here is gone, what began here is in its place, from page to page', async () => {
    live = [stored(1), stored(2), stored(3), stored(4)]
    end(1)
    end(3)
    begin(8, now - 15)
    begin(9, now - 1_000)
    const first = await listed(2)
    expect(first).toMatchObject({ ids: [sessionAt(8), sessionAt(2)], isPartial: false })
    live = [stored(3), stored(4)]
    expect(await listed(2, first.nextCursor as string)).toEqual({ ids: [sessionAt(4), sessionAt(9)], nextCursor: null, isPartial: false })
  })
  test('as many are asked for as ended here, so that a page is full', async () => {
    live = [stored(1), stored(2), stored(3), stored(4), stored(5)]
    end(1)
    end(3)
    const page = await listed(2)
    expect(page.ids).toEqual([sessionAt(2), sessionAt(4)])
    expect(page.nextCursor).not.toBeNull()
  })
  test('one that began here and is in the database already is listed once', async () => {
    live = [stored(1)]
    begin(1, now - 10)
    expect((await listed(9)).ids).toEqual([sessionAt(1)])
  })
  test('one that began and ended here was never there, nor is one of somebody else’s', async () => {
    live = []
    begin(5, now)
    end(5)
    pending.add({ ...header(sessionAt(6)), name: 'sessions.start', actor: 'x' as UserId, authenticatedAt: now, expiresAt: now + 9 })
    expect((await listed(9)).ids).toEqual([])
  })
  test('a token that was renewed here was seen here', async () => {
    live = [stored(1)]
    pending.add({ ...header(sessionAt(1)), name: 'sessions.refresh', counter: 0 })
    const { rows } = await listSessions(dependenciesNow())(actor, { limit: 1 })
    expect(rows[0]?.row.lastSeenAt).toBe(now)
  })
  test('logging out everywhere ends what began here too, and what ended here not again', async () => {
    live = [stored(1), stored(2)]
    end(1)
    begin(8, now)
    expect(await logoutEverywhere(dependenciesNow())(actor, { keepCurrent: true })).toEqual({ endedSessions: 2, isComplete: true })
    expect(submitted.map(({ entity }) => entity)).toEqual([sessionAt(8), sessionAt(2)])
  })
  test('what the cache remembers may not be all', async () => {
    source = 'cache'
    expect((await listed(2)).isPartial).toBe(true)
  })
})

describe('ending one', () => {
  const end = (id: SessionId) => endSession(dependenciesNow())(actor, { id }, {})
  test('binds here before it answers', async () => {
    expect(await end(sessionAt(1))).toMatchObject({ durability: 'committed', consistencyToken: 't' })
    expect(submitted).toMatchObject([{ name: 'sessions.end', entity: sessionAt(1), actor: user, reason: 'revoked' }])
    expect(revoked).toEqual([{ user, session: sessionAt(1), at: now }])
  })
  test.each([
    ['AUTH_SESSION_ENDED', 'SESSION_NOT_FOUND'],
    ['VERSION_STALE', 'VERSION_STALE'],
    ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
    ['unknown', 'OUTCOME_UNKNOWN'],
  ] as const)('where the store says %s, nothing is revoked: it may be somebody else’s', async (said, code) => {
    answers.set(sessionAt(1), said)
    expect(await codeOf(end(sessionAt(1)))).toBe(code)
    expect(revoked).toEqual([])
  })
})

describe('logging out everywhere', () => {
  const everywhere = (keepCurrent: boolean) => logoutEverywhere(dependenciesNow())(actor, { keepCurrent })
  test('ends the current session last', async () => {
    expect(await everywhere(false)).toEqual({ endedSessions: 3, isComplete: true })
    expect(submitted.map(({ entity }) => entity)).toEqual([sessionAt(1), sessionAt(2), current])
    expect(revoked.map(({ session }) => session)).toEqual([sessionAt(1), sessionAt(2), current])
    expect(new Set(submitted.map(({ operationId }) => operationId)).size).toBe(3)
  })
  test('or keeps it', async () => {
    expect(await everywhere(true)).toEqual({ endedSessions: 2, isComplete: true })
    expect(submitted.map(({ entity }) => entity)).not.toContain(current)
  })
  test('ends 1,000 at once at most, a few at a time, and keeps the current one while there are more', async () => {
    live = liveSessions(2_500)
    expect(await everywhere(false)).toEqual({ endedSessions: 999, isComplete: false })
    expect(asked[0]?.limit).toBe(1_001)
    expect(mostUnderWay).toBe(100)
    expect(submitted.map(({ entity }) => entity)).not.toContain(current)
  })
  test('one that is over by then is no failure', async () => {
    answers.set(sessionAt(1), 'AUTH_SESSION_ENDED')
    expect(await everywhere(false)).toMatchObject({ isComplete: true })
  })
  test('a store that fails is told, and the current session lives on to repeat the call', async () => {
    answers.set(sessionAt(2), 'STORE_UNAVAILABLE')
    expect(await codeOf(everywhere(false))).toBe('STORE_UNAVAILABLE')
    expect(submitted.map(({ entity }) => entity)).toEqual([sessionAt(1), sessionAt(2)])
    expect(revoked.map(({ session }) => session)).not.toContain(current)
  })
})

test('logging out of a session that is over is no failure', async () => {
  answers.set(current, 'AUTH_SESSION_ENDED')
  expect(await codeOf(logout(dependenciesNow())(actor))).toBe('no error')
})
