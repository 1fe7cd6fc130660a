import type { CommandHeader, EntityRow } from '../entities/entity.ts'
import type { SessionId, UserId } from '../identifiers/identifiers.ts'

/** How long a session lives at most, and at most unused. */
export const sessionLifetimeMs = 30 * 24 * 60 * 60 * 1000
export const sessionIdleMs = 14 * 24 * 60 * 60 * 1000

/** A refresh token may be presented again this long after its successor was: a lost answer, a second tab. */
export const refreshReuseToleranceMs = 10_000

/** When a counter of the session’s refresh tokens was first presented. */
export interface Presentation {
  readonly counter: number
  readonly at: number
}

/** One login: the family of its refresh tokens. Holds nothing about the device or the address. */
export interface SessionRow extends EntityRow {
  readonly id: SessionId
  readonly owner: UserId
  /** Milliseconds since 1970, each. */
  readonly createdAt: number
  readonly authenticatedAt: number
  readonly expiresAt: number
  readonly lastSeenAt: number
  /** The latest few presentations, by rising counter. */
  readonly presentations: readonly Presentation[]
  readonly endedAt: number | null
  readonly endReason: SessionEndReason | null
}

/** Whether a session has not ended, expired or been idle for too long at a time (milliseconds since 1970). */
export const isSessionLive = (row: SessionRow, at: number): boolean =>
  (row.endedAt === null || row.endedAt > at) && at < row.expiresAt && at - row.lastSeenAt <= sessionIdleMs

export const sessionEndReasons = ['logout', 'revoked', 'refresh_token_reused', 'user_disabled'] as const
export type SessionEndReason = (typeof sessionEndReasons)[number]

interface SessionCommandHeader extends CommandHeader {
  readonly kind: 'session'
  readonly entity: SessionId
}

export type SessionCommand = SessionCommandHeader &
  (
    | { readonly name: 'sessions.start'; readonly authenticatedAt: number; readonly expiresAt: number }
    /** A refresh token with this counter was presented at `acceptedAt`. */
    | { readonly name: 'sessions.refresh'; readonly counter: number }
    | { readonly name: 'sessions.end'; readonly reason: SessionEndReason }
  )
