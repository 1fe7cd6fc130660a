import type { ApplicationError } from '@holdfast/domain/application-error'
import type { CommandOf, EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'
import { beforeEach, describe, expect, test } from 'vitest'
import { logout } from '../auth/logout.ts'
import { logoutEverywhere } from '../auth/logout-everywhere.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursors } from '../ports/cursors.ts'
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
const sessions = {
  find: async () => null,
  revokedSince: async () => [],
  async list(query: SessionQuery) {
    asked.push(query)
    return { rows: live.slice(0, query.limit), source: 'database' as const }
  },
}
const revocations = {
  add: (revocation: { session: SessionId | null; at: number }) => void revoked.push(revocation),
  isRevoked: () => false,
}
const dependencies = { clock, cursors, revocations, sessions, writes }
const liveSessions = (count: number): readonly SessionRow[] =>
  Array.from({ length: count }, (_, index) => ({ id: sessionAt(index), owner: user, createdAt: now - index }) as SessionRow)
const codeOf = (promise: Promise<unknown>): Promise<ErrorCode | 'no error'> =>
  promise.then(
    () => 'no error' as const,
    (error: ApplicationError) => error.code,
  )
beforeEach(() => {
  submitted = []
  revoked = []
  asked = []
  answers = new Map()
  mostUnderWay = 0
  live = liveSessions(3)
})

test('one’s sessions are listed page by page, and the current one is told', async () => {
  const list = listSessions(dependencies)
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

describe('ending one', () => {
  const end = (id: SessionId) => endSession(dependencies)(actor, { id }, {})
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
  const everywhere = (keepCurrent: boolean) => logoutEverywhere(dependencies)(actor, { keepCurrent })
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
  expect(await codeOf(logout(dependencies)(actor))).toBe('no error')
})
