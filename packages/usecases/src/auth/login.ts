import { ApplicationError } from '@holdfast/domain/application-error'
import { entityIdOf, type SessionId, type UserId } from '@holdfast/domain/identifiers'
import { sessionLifetimeMs } from '@holdfast/domain/session'
import { commandHeader } from '../commands/command-header.ts'
import { written } from '../commands/written.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity, IdentityProvider, LoginGrant, Pseudonymizer } from '../ports/identity-provider.ts'
import type { SubjectDirectory } from '../ports/subject-directory.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { WritePort } from '../ports/write-port.ts'
import { sessionTokens, type SessionTokens } from './session-tokens.ts'

interface Dependencies {
  readonly clock: Clock
  readonly identityProvider: IdentityProvider
  readonly pseudonymizer: Pseudonymizer
  readonly subjects: SubjectDirectory
  readonly tokens: Tokens
  readonly writes: WritePort
}

/**
 * Exchanges the identity provider’s grant for a session. Errors: `AUTH_GRANT_REJECTED`, `AUTH_PROVIDER_UNAVAILABLE`, those of a write.
 * The subject goes no further than its keyed digest.
 */
export const login =
  (dependencies: Dependencies) =>
  async (grant: LoginGrant): Promise<SessionTokens> => {
    const { clock, identityProvider, tokens, writes } = dependencies
    const identity = await identityProvider.exchange(grant)
    const user = await userOf(dependencies, identity)
    const header = commandHeader(
      clock,
      'sessions.start',
      { userId: user, sessionId: null },
      null,
      {},
      (operation) => entityIdOf(operation) as SessionId,
    )
    const authenticatedAt = Math.trunc(identity.authenticatedAt)
    const expiresAt = header.acceptedAt + sessionLifetimeMs
    written(await writes.submit({ kind: 'session', name: 'sessions.start', ...header, authenticatedAt, expiresAt }))
    return sessionTokens(tokens, { user, session: header.entity, authenticatedAt, expiresAt, counter: 0 })
  }

async function userOf({ clock, pseudonymizer, subjects, writes }: Dependencies, identity: Identity): Promise<UserId> {
  const { digests, derived } = pseudonymizer.digestsOf(identity)
  const { user, isNew, isDisabled } = await subjects.resolve(digests, derived)
  if (isDisabled) throw new ApplicationError('AUTH_GRANT_REJECTED', { detail: 'This user is disabled.' })
  if (isNew) {
    const header = commandHeader(clock, 'users.register', { userId: user, sessionId: null }, null, {}, () => user)
    written(await writes.submit({ kind: 'user', name: 'users.register', ...header }))
  }
  return user
}
