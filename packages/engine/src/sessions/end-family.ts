import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import { operationIdOfKey, type SessionId } from '@holdfast/domain/identifiers'
import type { AppendResult, CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Revocations } from '@holdfast/usecases/ports/revocations'

export interface EndFamilyParts {
  readonly buffer: CommandBuffer
  readonly hybridClock: HybridClock
  readonly revocations: Pick<Revocations, 'add'>
  readonly now: () => number
}

/**
 * Ends the session of a refresh token that was accepted while the database was away, and turned out to have been used before: at
 * once on this instance, and by a command of its own for all others. Its id follows from the refresh, so that it is ended once.
 */
export const endFamily =
  ({ buffer, hybridClock, revocations, now }: EndFamilyParts) =>
  (refresh: AnyCommand): Promise<AppendResult> => {
    const acceptedAt = Math.trunc(now())
    const session = refresh.entity as SessionId
    revocations.add({ user: refresh.actor, session, at: acceptedAt })
    const operationId = operationIdOfKey('sessions.end', refresh.actor, refresh.operationId)
    const head = { operationId, actor: refresh.actor, acceptedAt, fingerprint: null, session: null, baseVersion: null }
    return buffer.append(
      { ...head, kind: 'session', name: 'sessions.end', entity: session, reason: 'refresh_token_reused' },
      hybridClock.next(),
    )
  }
