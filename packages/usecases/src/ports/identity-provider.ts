import type { UserId } from '@holdfast/domain/identifiers'
import type { SubjectDigest } from './subject-directory.ts'

/** What the identity provider handed to the client, to be exchanged here. Never a password (RFC 9700 §2.4). */
export type LoginGrant =
  | { readonly type: 'id_token'; readonly idToken: string }
  | { readonly type: 'authorization_code'; readonly code: string; readonly codeVerifier: string; readonly redirectUri: string }

/** Who somebody is, as far as we need to know; leaves the login for nowhere but the keyed digest. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  /** Milliseconds since 1970 at which the user proved who they are. */
  readonly authenticatedAt: number
}

export interface IdentityProvider {
  /**
   * Checks a grant with the provider’s keys.
   * Rejects with `ApplicationError`: `AUTH_GRANT_REJECTED` (a good reason in `detail`), `AUTH_PROVIDER_UNAVAILABLE`.
   */
  exchange(grant: LoginGrant): Promise<Identity>
}

/** Turns an identity into keyed digests, current key first, and the user id that the current one gives. */
export interface Pseudonymizer {
  digestsOf(identity: Identity): {
    readonly digests: readonly SubjectDigest[]
    readonly derived: UserId
  }
}
