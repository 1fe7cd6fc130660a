import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Tokens } from '../ports/tokens.ts'

/** What a client gets at login and at each refresh. Times in milliseconds since 1970. */
export interface SessionTokens {
  readonly user: UserId
  readonly session: SessionId
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
  readonly refreshExpiresAt: number
}

interface Session {
  readonly user: UserId
  readonly session: SessionId
  readonly authenticatedAt: number
  readonly expiresAt: number
  /** The counter of the refresh token to give out. */
  readonly counter: number
}

/** Makes both tokens of a session. */
export async function sessionTokens(tokens: Tokens, session: Session): Promise<SessionTokens> {
  const { user, authenticatedAt, expiresAt, counter } = session
  const access = await tokens.issueAccess({ user, session: session.session, authenticatedAt })
  return {
    user,
    session: session.session,
    accessToken: access.token,
    expiresInSeconds: access.expiresInSeconds,
    refreshToken: tokens.issueRefresh({ session: session.session, user, counter, expiresAt, authenticatedAt }),
    refreshExpiresAt: expiresAt,
  }
}
