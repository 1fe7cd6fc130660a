import { describe, expect, test } from 'vitest'
import type { InstanceId, OperationId, SessionId, UserId } from '../identifiers/identifiers.ts'
import { versionOf } from '../operations/version.ts'
import { makeStamp } from '../stamps/stamp.ts'
import { mergeSession } from './merge-session.ts'
import { refreshReuseToleranceMs, sessionIdleMs, sessionLifetimeMs, type SessionCommand, type SessionRow } from './session.ts'

const owner = 'b0000000-0000-8000-8000-000000000001' as UserId
const entity = 'd0000000-0000-8000-8000-000000000001' as SessionId
const begin = 1_800_000_000_000
const stampAt = (time: number) => makeStamp(time, 0, 'instance' as InstanceId)
const header = (acceptedAt: number) => ({
  kind: 'session' as const,
  operationId: 'c0000000-0000-8000-8000-000000000001' as OperationId,
  entity,
  actor: owner,
  acceptedAt,
  session: null,
  fingerprint: null,
  baseVersion: null,
})
const apply = (row: SessionRow | null, command: SessionCommand, delivery: 'direct' | 'drained' = 'direct') =>
  mergeSession(row, command, stampAt(command.acceptedAt), delivery)
const started = apply(null, { ...header(begin), name: 'sessions.start', authenticatedAt: begin, expiresAt: begin + sessionLifetimeMs })
  .row as SessionRow
const refresh = (counter: number, at: number): SessionCommand => ({ ...header(at), name: 'sessions.refresh', counter })
const refreshed = (row: SessionRow, counter: number, at: number): SessionRow => {
  const merged = apply(row, refresh(counter, at))
  expect(merged.outcome).toEqual({ kind: 'applied' })
  return merged.row as SessionRow
}
const refusal = (row: SessionRow, counter: number, at: number) => apply(row, refresh(counter, at)).outcome

describe('refresh tokens', () => {
  test('the same token again, at any time before its successor is used: a lost answer logs nobody out', () => {
    const once = refreshed(started, 0, begin + 1_000)
    const later = refreshed(once, 0, begin + 10 * 24 * 3_600_000)
    expect(later.presentations).toEqual([{ counter: 0, at: begin + 1_000 }])
  })
  test('the predecessor within the tolerance after its successor was used: a second tab', () => {
    const row = refreshed(refreshed(started, 0, begin + 1_000), 1, begin + 2_000)
    refreshed(row, 0, begin + 2_000 + refreshReuseToleranceMs)
  })
  test('the predecessor later than that: reuse', () => {
    const row = refreshed(refreshed(started, 0, begin + 1_000), 1, begin + 2_000)
    expect(refusal(row, 0, begin + 2_001 + refreshReuseToleranceMs)).toEqual({ kind: 'rejected', code: 'AUTH_REFRESH_TOKEN_REUSED' })
  })
  test('counting is from the first use of the successor, not from its latest', () => {
    const row = refreshed(refreshed(refreshed(started, 0, begin), 1, begin + 1_000), 1, begin + 9_000)
    expect(refusal(row, 0, begin + 12_000)).toEqual({ kind: 'rejected', code: 'AUTH_REFRESH_TOKEN_REUSED' })
  })
  test('a token so old that its successor is forgotten: reuse', () => {
    let row = started
    for (let counter = 0; counter < 20; counter++) row = refreshed(row, counter, begin + counter)
    expect(refusal(row, 2, begin + 30)).toEqual({ kind: 'rejected', code: 'AUTH_REFRESH_TOKEN_REUSED' })
  })
  test('the session’s own end: idle, expired, ended', () => {
    const ended = { kind: 'rejected', code: 'AUTH_SESSION_ENDED' }
    expect(refusal(started, 0, begin + sessionIdleMs + 1)).toEqual(ended)
    let row = started
    for (let day = 10; day < 30; day += 10) row = refreshed(row, 0, begin + day * 24 * 3_600_000)
    expect(refusal(row, 0, begin + sessionLifetimeMs)).toEqual(ended)
    const loggedOut = apply(started, { ...header(begin + 5), name: 'sessions.end', reason: 'logout' }).row as SessionRow
    expect(refusal(loggedOut, 0, begin + 6)).toEqual(ended)
  })
})

describe('ending', () => {
  const end = (at: number, baseVersion: string | null = null) =>
    ({ ...header(at), baseVersion, name: 'sessions.end', reason: 'revoked' }) as SessionCommand
  const ended = apply(started, end(begin + 10)).row as SessionRow
  const refused = { kind: 'rejected', code: 'AUTH_SESSION_ENDED' }
  test('a session that is over is refused while the caller waits, and merged once acknowledged', () => {
    expect(apply(ended, end(begin + 11)).outcome).toEqual(refused)
    expect(apply(started, end(begin + sessionIdleMs + 1)).outcome).toEqual(refused)
    expect(apply({ ...started, lastSeenAt: begin + sessionLifetimeMs }, end(begin + sessionLifetimeMs)).outcome).toEqual(refused)
    expect(apply(ended, end(begin + 11), 'drained')).toMatchObject({
      outcome: { kind: 'applied' },
      row: { endedAt: begin + 10, revision: 3 },
    })
  })
  test('somebody else’s, or none, is refused', () => {
    expect(apply({ ...started, owner: 'somebody else' as UserId }, end(begin + 1)).outcome).toEqual(refused)
    expect(apply(null, end(begin + 1)).outcome).toEqual(refused)
  })
  test('a version that is not the row’s ends nothing', () => {
    expect(apply(started, end(begin + 1, versionOf(started))).outcome).toEqual({ kind: 'applied' })
    expect(apply(started, end(begin + 1, `7.${started.lastOperation}`))).toMatchObject({
      outcome: { code: 'VERSION_STALE' },
      row: { endedAt: null },
    })
  })
})

test('an end is final, and the earliest one stands', () => {
  const late = apply(started, { ...header(begin + 10), name: 'sessions.end', reason: 'revoked' }).row as SessionRow
  const early = apply(late, { ...header(begin + 5), name: 'sessions.end', reason: 'logout' }, 'drained').row
  expect(early).toMatchObject({ endedAt: begin + 5, endReason: 'logout' })
})

test('presentations drained in any order are the same', () => {
  const commands = [refresh(0, begin + 1), refresh(1, begin + 2), refresh(2, begin + 3)]
  const inOrder = commands.reduce((row, command) => apply(row, command, 'drained').row as SessionRow, started)
  const reversed = commands.toReversed().reduce((row, command) => apply(row, command, 'drained').row as SessionRow, started)
  expect(reversed.presentations).toEqual(inOrder.presentations)
})
