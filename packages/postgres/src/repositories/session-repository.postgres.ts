import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { sessionIdleMs, type SessionRow } from '@holdfast/domain/session'
import type { SessionRepository } from '@holdfast/usecases/ports/session-repository'
import { and, desc, eq, gt, gte, isNull } from 'drizzle-orm'
import { sessions, users } from '../schema/users.ts'
import { isBefore } from './keyset.ts'
import { reading, type ReadDatabase } from './read-database.ts'

/** Sessions, read from the database. */
export const createSessionRepository = (database: ReadDatabase): SessionRepository => ({
  async find(id) {
    const [stored] = await reading(database.select().from(sessions).where(eq(sessions.id, id)))
    return (stored ?? null) as SessionRow | null
  },
  async list({ owner, liveAt, after, limit }) {
    const found = await reading(
      database
        .select()
        .from(sessions)
        .where(
          and(
            eq(sessions.owner, owner),
            isNull(sessions.endedAt),
            gt(sessions.expiresAt, liveAt),
            gte(sessions.lastSeenAt, liveAt - sessionIdleMs),
            after === null ? undefined : isBefore(sessions.createdAt, sessions.id, after.createdAt, after.id),
          ),
        )
        .orderBy(desc(sessions.createdAt), desc(sessions.id))
        .limit(limit),
    )
    return { rows: found as unknown as readonly SessionRow[], source: 'database' }
  },
  async revokedSince(atMs) {
    const ended = await reading(
      database
        .select({ session: sessions.id, user: sessions.owner, at: sessions.endedAt })
        .from(sessions)
        .where(gte(sessions.endedAt, atMs)),
    )
    const disabled = await reading(
      database
        .select({ user: users.id, at: users.updatedAt })
        .from(users)
        .where(and(eq(users.isDisabled, true), gte(users.updatedAt, atMs))),
    )
    return [
      ...ended.map(({ session, user, at }) => ({ session: session as SessionId, user: user as UserId, at: at as number })),
      ...disabled.map(({ user, at }) => ({ session: null, user: user as UserId, at })),
    ]
  },
})
