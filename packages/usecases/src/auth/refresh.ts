import { ApplicationError } from '@holdfast/domain/application-error'
import { commandHeader } from '../commands/command-header.ts'
import { written } from '../commands/written.ts'
import type { Clock } from '../ports/clock.ts'
import type { Revocations } from '../ports/revocations.ts'
import type { RefreshClaims, Tokens } from '../ports/tokens.ts'
import type { WritePort } from '../ports/write-port.ts'
import { sessionTokens, type SessionTokens } from './session-tokens.ts'

interface Dependencies {
  readonly clock: Clock
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
    const { clock, revocations, tokens, writes } = dependencies
    const claims = tokens.readRefresh(refreshToken)
    const header = commandHeader(clock, 'sessions.refresh', claims.user, null, {}, () => claims.session)
    const isOver = header.acceptedAt >= claims.expiresAt || revocations.isRevoked(claims.user, claims.session, header.acceptedAt)
    if (isOver) throw new ApplicationError('AUTH_SESSION_ENDED', { detail: 'Log in again.' })
    const receipt = await writes.submit({ kind: 'session', name: 'sessions.refresh', ...header, counter: claims.counter })
    if (receipt.state === 'refused' && receipt.code === 'AUTH_REFRESH_TOKEN_REUSED') await endFamily(dependencies, claims)
    const { row } = written(receipt)
    return sessionTokens(tokens, {
      user: claims.user,
      session: claims.session,
      authenticatedAt: row?.authenticatedAt ?? 0,
      expiresAt: claims.expiresAt,
      counter: claims.counter + 1,
    })
  }

async function endFamily({ clock, revocations, writes }: Dependencies, claims: RefreshClaims): Promise<void> {
  const header = commandHeader(clock, 'sessions.end', claims.user, null, {}, () => claims.session)
  revocations.add({ user: claims.user, session: claims.session, at: header.acceptedAt })
  await writes.submit({ kind: 'session', name: 'sessions.end', ...header, reason: 'refresh_token_reused' })
}
