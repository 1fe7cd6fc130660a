import { ApplicationError } from '@holdfast/domain/application-error'
import type { CommandOf, EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId, SessionId, UserId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'
import { beforeEach, describe, expect, test } from 'vitest'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { Clock } from '../ports/clock.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Receipt, WritePort } from '../ports/write-port.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const now = 1_800_000_000_000
const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const session = 'd0000000-0000-8000-8000-000000000001' as SessionId
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {}, random: (length) => new Uint8Array(length).fill(7) }
const claims = { session, user, counter: 4, expiresAt: now + 1_000, authenticatedAt: now - 5 }
const tokens: Tokens = {
  issueAccess: async ({ authenticatedAt }) => ({ token: `access ${authenticatedAt}`, expiresInSeconds: 600 }),
  readAccess: () => Promise.reject(new Error('not asked for here')),
  issueRefresh: ({ counter }) => `refresh ${counter}`,
  readRefresh(token) {
    if (token === 'forged') throw new ApplicationError('AUTH_REFRESH_TOKEN_INVALID')
    return token === 'expired' ? { ...claims, expiresAt: now } : claims
  },
}

let submitted: CommandOf<EntityKind>[]
let revoked: unknown[]
let answer: 'committed' | 'buffered' | 'unknown' | ErrorCode
const writes: WritePort = {
  async submit(command) {
    submitted.push(command)
    const { operationId } = command
    if (answer === 'unknown') return { state: 'unknown', operationId }
    if (answer === 'buffered') return { state: 'buffered', operationId, row: null, isReplay: false, consistencyToken: 't' }
    if (answer !== 'committed') return { state: 'refused', operationId, code: answer }
    const row = {} as SessionRow
    return { state: 'committed', operationId, row, isReplay: false } as unknown as Receipt<typeof command.kind>
  },
}
const revocations: Revocations = { add: (revocation) => void revoked.push(revocation), isRevoked: (_user, id) => revoked.includes(id) }
let pending: TestPendingCommands
const dependenciesNow = () => ({ clock, pending, revocations, tokens, writes })
beforeEach(() => {
  pending = createTestPendingCommands()
  submitted = []
  revoked = []
  answer = 'committed'
})
const codeOf = async (promise: Promise<unknown>): Promise<ErrorCode | 'no error'> =>
  promise.then(
    () => 'no error' as const,
    (error: ApplicationError) => error.code,
  )

describe('refreshing', () => {
  test('records which token was presented, and answers its successor', async () => {
    const answered = await refresh(dependenciesNow())('good')
    expect(submitted).toMatchObject([
      { kind: 'session', name: 'sessions.refresh', entity: session, session, actor: user, counter: 4, acceptedAt: now },
    ])
    expect(answered).toMatchObject({ refreshToken: 'refresh 5', accessToken: `access ${now - 5}`, refreshExpiresAt: claims.expiresAt })
  })
  test('a forged or expired token, or one of a session known as ended, reaches no store', async () => {
    expect(await codeOf(refresh(dependenciesNow())('forged'))).toBe('AUTH_REFRESH_TOKEN_INVALID')
    expect(await codeOf(refresh(dependenciesNow())('expired'))).toBe('AUTH_SESSION_ENDED')
    revoked.push(session)
    expect(await codeOf(refresh(dependenciesNow())('good'))).toBe('AUTH_SESSION_ENDED')
    expect(submitted).toEqual([])
  })
  test('buffered is answered in full: the tokens, and when the user was authenticated', async () => {
    answer = 'buffered'
    expect(await refresh(dependenciesNow())('good')).toMatchObject({ refreshToken: 'refresh 5', accessToken: `access ${now - 5}` })
  })
  test('a session that was ended here is over before the database knows, whatever else is remembered', async () => {
    const operationId = 'e0000000-0000-8000-8000-000000000001' as OperationId
    const end = { kind: 'session', operationId, entity: session, session, acceptedAt: now, fingerprint: null, baseVersion: null } as const
    pending.add({ ...end, actor: 'somebody else' as UserId, name: 'sessions.end', reason: 'logout' })
    expect(await codeOf(refresh(dependenciesNow())('good'))).toBe('no error')
    submitted = []
    pending.add({ ...end, actor: user, name: 'sessions.end', reason: 'logout' })
    expect(await codeOf(refresh(dependenciesNow())('good'))).toBe('AUTH_SESSION_ENDED')
    expect(submitted).toEqual([])
  })
  test('reuse ends the session: at once here, and as a command of its own', async () => {
    answer = 'AUTH_REFRESH_TOKEN_REUSED'
    expect(await codeOf(refresh(dependenciesNow())('good'))).toBe('AUTH_REFRESH_TOKEN_REUSED')
    expect(revoked).toEqual([{ user, session, at: now }])
    expect(submitted).toMatchObject([
      { name: 'sessions.refresh' },
      { name: 'sessions.end', entity: session, reason: 'refresh_token_reused' },
    ])
  })
  test.each([
    ['unknown', 'OUTCOME_UNKNOWN'],
    ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ] as const)('a store that says %s', async (said, code) => {
    answer = said
    expect(await codeOf(refresh(dependenciesNow())('good'))).toBe(code)
    expect(revoked).toEqual([])
  })
})

test('logging out is done, and binds, where it is only buffered', async () => {
  answer = 'buffered'
  const actor = { kind: 'user', userId: user, sessionId: session, authenticatedAt: now } as const
  expect(await codeOf(logout(dependenciesNow())(actor))).toBe('no error')
  expect(revoked).toEqual([{ user, session, at: now }])
})

test('logging out binds here before the store answers, and also if it does not', async () => {
  answer = 'STORE_UNAVAILABLE'
  const actor = { kind: 'user', userId: user, sessionId: session, authenticatedAt: now } as const
  expect(await codeOf(logout(dependenciesNow())(actor))).toBe('STORE_UNAVAILABLE')
  expect(revoked).toEqual([{ user, session, at: now }])
  expect(submitted).toMatchObject([{ name: 'sessions.end', reason: 'logout' }])
})

describe('logging in', () => {
  const resolved = { user, isNew: true, isDisabled: false }
  const logIn = (subject: Partial<typeof resolved> = {}) =>
    login({
      clock,
      tokens,
      writes,
      identityProvider: { exchange: async () => ({ issuer: 'i', subject: 'ada', authenticatedAt: now - 9 }) },
      pseudonymizer: { digestsOf: () => ({ digests: [], derived: user }) },
      subjects: { resolve: async () => ({ ...resolved, ...subject }) },
    })({ type: 'id_token', idToken: 'x' })

  test('registers a new user once, starts a session, and answers its first tokens', async () => {
    const answered = await logIn()
    expect(submitted).toMatchObject([
      { name: 'users.register', entity: user },
      { name: 'sessions.start', actor: user, authenticatedAt: now - 9, expiresAt: now + 30 * 24 * 3_600_000 },
    ])
    expect(answered).toMatchObject({ user, session: submitted[1]?.entity, refreshToken: 'refresh 0', accessToken: `access ${now - 9}` })
    submitted = []
    await logIn({ isNew: false })
    expect(submitted).toMatchObject([{ name: 'sessions.start' }])
  })
  test('is done where it is only buffered', async () => {
    answer = 'buffered'
    expect(await logIn()).toMatchObject({ refreshToken: 'refresh 0', accessToken: `access ${now - 9}` })
    expect(submitted.map((command) => command.session)).toEqual([null, null])
  })
  test('tells the subject to nobody', async () => {
    await logIn()
    expect(JSON.stringify(submitted)).not.toContain('ada')
  })
  test('refuses a disabled user', async () => {
    expect(await codeOf(logIn({ isDisabled: true }))).toBe('AUTH_GRANT_REJECTED')
    expect(submitted).toEqual([])
  })
})
