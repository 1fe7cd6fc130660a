import { ApplicationError } from '@holdfast/domain/application-error'
import type { Revocations } from '@holdfast/usecases/ports/revocations'
import type { Authenticator, Tokens } from '@holdfast/usecases/ports/tokens'

/** Token → claims → not ended → actor; time and revocations are judged anew on every call. */
export function createAuthenticator(tokens: Pick<Tokens, 'readAccess'>, revocations: Revocations): Authenticator {
  return {
    async actorOf(accessToken) {
      const { user, session, authenticatedAt, issuedAt } = await tokens.readAccess(accessToken)
      if (revocations.isRevoked(user, session, issuedAt)) {
        throw new ApplicationError('AUTH_SESSION_ENDED', { detail: 'Log in again.' })
      }
      return { kind: 'user', userId: user, sessionId: session, authenticatedAt }
    },
  }
}
