import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Revocation } from './session-repository.ts'

/** This instance’s knowledge of ended sessions and disabled users, in memory; asked on every request. */
export interface Revocations {
  /** Binds at once on this instance. */
  add(revocation: Revocation): void
  /** Whether an access token of this session, issued then (milliseconds since 1970), is no longer good. */
  isRevoked(user: UserId, session: SessionId, issuedAt: number): boolean
}
