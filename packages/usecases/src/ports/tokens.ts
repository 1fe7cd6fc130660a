import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Actor } from './actor.ts'

export interface AccessClaims {
  readonly user: UserId
  readonly session: SessionId
  /** Milliseconds since 1970, each. */
  readonly authenticatedAt: number
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What a refresh token says: the session’s family, and which of its successive tokens this is (from 0). */
export interface RefreshClaims {
  readonly session: SessionId
  readonly user: UserId
  readonly counter: number
  /** Absolute end of the session; the same in every token of the family. */
  readonly expiresAt: number
  /** When the user proved who they are, in milliseconds since 1970; the same in every token of the family. */
  readonly authenticatedAt: number
}

/** Makes and reads the product’s own tokens. Needs no store: both verify from the secret keys alone. */
export interface Tokens {
  /** An access token of ten minutes, and the second at which it ends. */
  issueAccess(claims: Omit<AccessClaims, 'issuedAt' | 'expiresAt'>): Promise<{ readonly token: string; readonly expiresInSeconds: number }>
  /** Rejects with `ApplicationError`: `AUTH_TOKEN_INVALID`, `AUTH_TOKEN_EXPIRED`. */
  readAccess(token: string): Promise<AccessClaims>
  /** Deterministic: the same claims give the same token at every instance with the same keys. */
  issueRefresh(claims: RefreshClaims): string
  /** Throws `ApplicationError` `AUTH_REFRESH_TOKEN_INVALID` unless the seal holds; says nothing of time. */
  readRefresh(token: string): RefreshClaims
}

/** Checks a request’s access token against signature, time and revocations. */
export interface Authenticator {
  /** Rejects with `ApplicationError`: the `AUTH_*` codes of status 401. */
  actorOf(accessToken: string): Promise<Extract<Actor, { kind: 'user' }>>
}
