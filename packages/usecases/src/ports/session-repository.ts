import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'

/** A session or, with `session` null, a whole user, whose access tokens are no longer good. */
export interface Revocation {
  readonly user: UserId
  readonly session: SessionId | null
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface SessionQuery {
  readonly owner: UserId
  /** Milliseconds since 1970: sessions that live at this time, as `isSessionLive` says. */
  readonly liveAt: number
  /** Where the page before ended. */
  readonly after: { readonly createdAt: number; readonly id: SessionId } | null
  /** 1 to 2,001. */
  readonly limit: number
}

export interface SessionsFound {
  readonly rows: readonly SessionRow[]
  /** `cache`: the database was away, and these are the sessions that are remembered elsewhere; there may be others. */
  readonly source: 'database' | 'cache'
}

/** Reads of sessions. Rejects with `StoreError`. */
export interface SessionRepository {
  find(id: SessionId): Promise<SessionRow | null>
  /** The owner’s live sessions, newest first, then by id descending. */
  list(query: SessionQuery): Promise<SessionsFound>
  /** All that ended, and all users disabled, since the given time. */
  revokedSince(atMs: number): Promise<readonly Revocation[]>
}
