import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { Revocation } from '@holdfast/usecases/ports/session-repository'

const together = 500

/** What was ended here and is not in the database yet: it binds on this instance also after a restart. */
export function* pendingRevocations(buffer: CommandBuffer): Generator<Revocation> {
  let after: number | null = null
  for (;;) {
    const found = buffer.next(0, after, together, Number.POSITIVE_INFINITY)
    const last = found.at(-1)
    if (last === undefined) return
    after = last.sequence
    for (const { command } of found) {
      if (command.name === 'sessions.end') yield { user: command.actor, session: command.entity, at: command.acceptedAt }
      if (command.name === 'users.disable') yield { user: command.entity, session: null, at: command.acceptedAt }
    }
  }
}
