import type { SessionId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'
import { authoriseMember } from '../authorise.ts'
import { cutPage, type Page, type PageRequest } from '../pages/page.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { SessionRepository } from '../ports/session-repository.ts'
import { liveSessions } from './live-sessions.ts'

interface Dependencies {
  readonly clock: Clock
  readonly cursors: Cursors
  readonly pending: PendingCommands
  readonly sessions: SessionRepository
}

/** A session as its user sees it. */
export interface OwnSession {
  readonly row: SessionRow
  /** Whether the actor asks from within it. */
  readonly isCurrent: boolean
}

const purpose = 'sessions by creation'

/** A page of the actor’s live sessions, newest first. Errors: `REQUEST_INVALID` for a cursor that is not of this list. */
export const listSessions =
  (dependencies: Dependencies) =>
  async (actor: Actor, { limit, cursor }: PageRequest): Promise<Page<OwnSession>> => {
    const { clock, cursors } = dependencies
    const user = authoriseMember(actor, 'session:read:own')
    const position = cursor === undefined ? null : cursors.open(purpose, user.userId, cursor)
    const after = position === null ? null : { createdAt: Number(position['createdAt']), id: String(position['id']) as SessionId }
    const asOf = Math.trunc(clock.now())
    const found = await liveSessions(dependencies, { owner: user.userId, liveAt: asOf, after, limit: limit + 1 })
    const page = cutPage(found.rows, limit, ({ createdAt, id }) => cursors.seal(purpose, user.userId, { createdAt, id }))
    const rows = page.rows.map((row) => ({ row, isCurrent: row.id === user.sessionId }))
    return { rows, nextCursor: page.nextCursor, source: found.source, asOf, isPartial: !found.isWhole }
  }
