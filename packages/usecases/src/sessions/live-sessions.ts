import type { SessionId } from '@holdfast/domain/identifiers'
import { isSessionLive, type SessionRow } from '@holdfast/domain/session'
import { beginsWith, overlay } from '../pending/overlay.ts'
import { pendingEntities } from '../pending/pending-entities.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { SessionQuery, SessionRepository } from '../ports/session-repository.ts'

interface Dependencies {
  readonly pending: PendingCommands
  readonly sessions: SessionRepository
}

/** Live sessions; there may be others where `isWhole` is false. */
interface LiveSessions {
  readonly rows: readonly SessionRow[]
  readonly source: 'database' | 'cache'
  readonly isWhole: boolean
}

/**
 * The owner’s live sessions as `SessionRepository.list` has them, with what waits here laid over them: without those that were ended
 * here, with those that began here. A session never changes its place in the list.
 */
export async function liveSessions({ pending, sessions }: Dependencies, query: SessionQuery): Promise<LiveSessions> {
  const { owner, liveAt, after, limit } = query
  const { waiting, isWhole } = pendingEntities(pending, 'session', owner)
  const ending = [...waiting.values()].filter((commands) => commands.some(({ command }) => command.name === 'sessions.end'))
  const found = await sessions.list({ ...query, limit: limit + ending.length })
  const known = new Set<string>(found.rows.map(({ id }) => id))
  const begun = [...waiting].filter(([id, commands]) => !known.has(id) && beginsWith<'session'>('sessions.start', owner, commands))
  const seen = [
    ...found.rows.map((row) => overlay('session', row, waiting.get(row.id) ?? [])),
    ...begun.map(([, commands]) => overlay('session', null, commands)),
  ]
  const rows = seen
    .flatMap((session) => (session === null ? [] : [session.row]))
    .filter((row) => isSessionLive(row, liveAt) && (after === null || comesBefore(after, row)))
    .toSorted((a, b) => (comesBefore(a, b) ? -1 : 1))
    .slice(0, limit)
  return { rows, source: found.source, isWhole: isWhole && found.source === 'database' }
}

interface Place {
  readonly createdAt: number
  readonly id: SessionId
}

/** Newest first, then by id descending. */
const comesBefore = (a: Place, b: Place): boolean => a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id > b.id)
