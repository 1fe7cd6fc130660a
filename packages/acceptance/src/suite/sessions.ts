import { describe, expect, test } from 'vitest'
import { expectOutput, expectRefusal } from '../driver.ts'
import { createTask, idTokenOf, logIn } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

/** Logging in, staying logged in, logging out. */
export function registerSessions(door: Door): void {
  describe('sessions', () => {
    test('the same person is the same user at every login, in a session of its own', async () => {
      const first = await somebodyNew(door)
      const second = await logIn(door.origin(), door.nobody(), first.subject)
      const other = await somebodyNew(door)
      expect(first.tokens).toMatchObject({ tokenType: 'Bearer', expiresInSeconds: 600 })
      expect(second.tokens.userId).toBe(first.tokens.userId)
      expect(second.tokens.sessionId).not.toBe(first.tokens.sessionId)
      expect(other.tokens.userId).not.toBe(first.tokens.userId)
      const thirtyDaysMs = 30 * 24 * 3600 * 1000
      expect(Math.abs(Date.parse(first.tokens.refreshExpiresAt) - Date.now() - thirtyDaysMs)).toBeLessThan(60_000)
    })

    test('neither tokens nor the user’s id tell who it is', async () => {
      const { subject, tokens } = await somebodyNew(door)
      const readable = Object.values(tokens).flatMap((text) =>
        String(text)
          .split('.')
          .flatMap((part) => [part, Buffer.from(part, 'base64url').toString('latin1')]),
      )
      expect(readable.some((text) => text.includes(subject))).toBe(false)
    })

    test('what is no ID token of the provider logs nobody in', async () => {
      const { tokens, subject } = await somebodyNew(door)
      const idToken = await idTokenOf(door.origin(), subject)
      const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${idToken.split('.')[1]}.`
      for (const bad of ['x', 'a.b.c', tokens.accessToken, unsigned, `${idToken.slice(0, -8)}AAAAAAAA`]) {
        const refusal = await expectRefusal(door.nobody().call('auth.login', { grant: { type: 'id_token', idToken: bad } }))
        expect(refusal).toMatchObject({ code: 'AUTH_GRANT_REJECTED', status: 401 })
      }
    })

    test('without a token nothing is answered; with a wrong one neither', async () => {
      const { tokens } = await somebodyNew(door)
      expect(await expectRefusal(door.nobody().call('tasks.list', {}))).toMatchObject({ code: 'AUTH_REQUIRED', status: 401 })
      const [head = '', body = '', seal = ''] = tokens.accessToken.split('.')
      const forged = Buffer.from(
        Buffer.from(body, 'base64url')
          .toString()
          .replace(/\d(?=[^\d]*$)/, '9'),
      ).toString('base64url')
      for (const bad of ['x', tokens.refreshToken, `${head}.${body}.`, `${head}.${forged}x.${seal}`]) {
        expect(await expectRefusal(door.nobody().as(bad).call('tasks.create', { title: 'x' }))).toMatchObject({
          code: 'AUTH_TOKEN_INVALID',
          status: 401,
        })
      }
    })

    test('a refresh gives a new access token and the successor; a lost answer is asked for again', async () => {
      const { tokens, api } = await somebodyNew(door)
      const task = await createTask(api, 'kept over a refresh')
      const refresh = (refreshToken: string) => expectOutput(door.nobody().call('auth.refresh', { refreshToken }))
      const next = await refresh(tokens.refreshToken)
      const again = await refresh(tokens.refreshToken)
      expect(next.refreshToken).not.toBe(tokens.refreshToken)
      expect(again.refreshToken).toBe(next.refreshToken)
      expect(next).toMatchObject({ userId: tokens.userId, sessionId: tokens.sessionId, refreshExpiresAt: tokens.refreshExpiresAt })
      expect(await expectOutput(door.nobody().as(again.accessToken).call('tasks.get', { id: task.id }))).toEqual(task)
      const third = await refresh(next.refreshToken)
      expect(new Set([tokens.refreshToken, next.refreshToken, third.refreshToken]).size).toBe(3)
      // A second tab that still holds the first token, within the ten seconds.
      expect((await refresh(tokens.refreshToken)).refreshToken).toBe(next.refreshToken)
    })

    test('several tabs that refresh at once get the same successor', async () => {
      const { tokens } = await somebodyNew(door)
      const all = await Promise.all(
        Array.from({ length: 5 }, () => expectOutput(door.nobody().call('auth.refresh', { refreshToken: tokens.refreshToken }))),
      )
      expect(new Set(all.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    })

    test('what is no refresh token, or is changed in a single place, is refused', async () => {
      const { tokens } = await somebodyNew(door)
      const parts = tokens.refreshToken.split('.')
      const raised = parts.with(4, String(Number(parts[4]) + 1)).join('.')
      for (const bad of ['x', tokens.accessToken, raised, `${tokens.refreshToken}x`]) {
        const refusal = await expectRefusal(door.nobody().call('auth.refresh', { refreshToken: bad }))
        expect(refusal).toMatchObject({ code: 'AUTH_REFRESH_TOKEN_INVALID', status: 401 })
      }
    })

    test('a logout binds at once, on this session alone', async () => {
      const here = await somebodyNew(door)
      const elsewhere = await logIn(door.origin(), door.nobody(), here.subject)
      expect(await expectOutput(here.api.call('auth.logout', {}))).toEqual({ ended: true })
      expect(await expectRefusal(here.api.call('tasks.list', {}))).toMatchObject({ code: 'AUTH_SESSION_ENDED', status: 401 })
      expect(await expectRefusal(here.api.call('tasks.create', { title: 'x' }))).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
      const refusal = await expectRefusal(door.nobody().call('auth.refresh', { refreshToken: here.tokens.refreshToken }))
      expect(refusal).toMatchObject({ code: 'AUTH_SESSION_ENDED', status: 401 })
      expect((await expectOutput(elsewhere.api.call('tasks.list', {}))).items).toEqual([])
    })
  })
}
