import { ApplicationError } from '@holdfast/domain/application-error'
import { commandHeader } from '../commands/command-header.ts'
import { written } from '../commands/written.ts'
import { isEndPending } from '../pending/pending-session-end.ts'
import type { Clock } from '../ports/clock.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { RefreshClaims, Tokens } from '../ports/tokens.ts'
import type { WritePort } from '../ports/write-port.ts'
import { sessionTokens, type SessionTokens } from './session-tokens.ts'

interface Dependencies {
  readonly clock: Clock
  readonly pending: PendingCommands
  readonly revocations: Revocations
  readonly tokens: Tokens
  readonly writes: WritePort
}

/**
 * Answers a refresh token with a new access token and the refresh token’s successor, which is the same however often it is asked for.
 * Errors: `AUTH_REFRESH_TOKEN_INVALID`, `AUTH_SESSION_ENDED`, those of a write; and `AUTH_REFRESH_TOKEN_REUSED` where the
 * successor was presented too long ago: then the session is ended, for one of the two who hold its tokens is not its owner.
 */
export const refresh =
  (dependencies: Dependencies) =>
  async (refreshToken: string): Promise<SessionTokens> => {
    const { clock, pending, revocations, tokens, writes } = dependencies
    const claims = tokens.readRefresh(refreshToken)
    const sender = { userId: claims.user, sessionId: claims.session }
    const header = commandHeader(clock, 'sessions.refresh', sender, null, {}, () => claims.session)
    const isOver =
      header.acceptedAt >= claims.expiresAt ||
      revocations.isRevoked(claims.user, claims.session, header.acceptedAt) ||
      isEndPending(pending, claims.user, claims.session)
    if (isOver) throw new ApplicationError('AUTH_SESSION_ENDED', { detail: 'Log in again.' })
    const receipt = await writes.submit({ kind: 'session', name: 'sessions.refresh', ...header, counter: claims.counter })
    if (receipt.state === 'refused' && receipt.code === 'AUTH_REFRESH_TOKEN_REUSED') await endFamily(dependencies, claims)
    written(receipt)
    return sessionTokens(tokens, {
      user: claims.user,
      session: claims.session,
      authenticatedAt: claims.authenticatedAt,
      expiresAt: claims.expiresAt,
      counter: claims.counter + 1,
    })
  }

async function endFamily({ clock, revocations, writes }: Dependencies, claims: RefreshClaims): Promise<void> {
  const header = commandHeader(clock, 'sessions.end', { userId: claims.user, sessionId: null }, null, {}, () => claims.session)
  revocations.add({ user: claims.user, session: claims.session, at: header.acceptedAt })
  await writes.submit({ kind: 'session', name: 'sessions.end', ...header, reason: 'refresh_token_reused' })
}
