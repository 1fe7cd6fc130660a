import type { ErrorCode } from '@holdfast/domain/error-codes'
import { highestStamp } from '@holdfast/domain/row-clock'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { OperationStore, StoreCall } from '@holdfast/usecases/ports/operation-store'

/** For how long what was read of somebody's rights is used again: a backlog is mostly of few people. */
const lifeMs = 2_000

/** And of how many people and sessions. */
const maxKept = 5_000

/** Tells why a command must have no effect: its actor's right had ended before it was accepted. What came before the end stands. */
export interface ActorRights {
  /** Reads what is needed to judge these. Rejects with `StoreError`. */
  load(pending: readonly PendingCommand[], call: StoreCall): Promise<void>
  /** Of a command that was loaded: `null` if its actor might. */
  refusalOf(pending: PendingCommand): ErrorCode | null
}

/** Rights as the store has them. Commands of security are judged by their own merge, and their actor need not be a user. */
export function createActorRights(store: OperationStore, clock: Clock): ActorRights {
  /** The stamp at which a user was disabled, the time at which a session ended; null if not. */
  const disabledSince = new Map<UserId, string | null>()
  const endedAt = new Map<SessionId, number | null>()
  let readAt = Number.NEGATIVE_INFINITY

  const forgetOld = (): void => {
    if (clock.monotonic() - readAt < lifeMs && disabledSince.size < maxKept && endedAt.size < maxKept) return
    disabledSince.clear()
    endedAt.clear()
    readAt = clock.monotonic()
  }
  return {
    async load(pending, call) {
      forgetOld()
      const judged = pending.filter(({ priority }) => priority === 1)
      const users = [...new Set(judged.map(({ command }) => command.actor))].filter((user) => !disabledSince.has(user))
      const sessions = [...new Set(judged.flatMap(({ command }) => command.session ?? []))].filter((session) => !endedAt.has(session))
      if (users.length > 0) {
        const { rows } = await store.read('user', users, [], call)
        for (const user of users) {
          const row = rows.get(user)
          disabledSince.set(user, row?.isDisabled === true ? highestStamp(row.clock) : null)
        }
      }
      if (sessions.length > 0) {
        const { rows } = await store.read('session', sessions, [], call)
        for (const session of sessions) endedAt.set(session, rows.get(session)?.endedAt ?? null)
      }
    },
    refusalOf({ command, stamp, priority }) {
      if (priority === 0) return null
      const disabled = disabledSince.get(command.actor) ?? null
      if (disabled !== null && disabled < stamp) return 'AUTH_PERMISSION_DENIED'
      const ended = command.session === null ? null : (endedAt.get(command.session) ?? null)
      // Both times are those of acceptance, as sessions are judged by.
      return ended !== null && ended < command.acceptedAt ? 'AUTH_SESSION_ENDED' : null
    },
  }
}
