import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { PendingCommands } from '../ports/command-buffer.ts'

/**
 * Whether the user has ended this session here, and the database does not know yet. The set of revocations says so for as long as an
 * access token lives; a refresh token lives on, and the buffer remembers over restarts.
 */
export const isEndPending = (pending: PendingCommands, user: UserId, session: SessionId): boolean =>
  pending.ofEntity(session).some(({ command }) => command.name === 'sessions.end' && command.actor === user)
