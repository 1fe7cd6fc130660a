import type { Handlers } from '@holdfast/contract/contract'
import type { SessionId } from '@holdfast/domain/identifiers'
import type { Actor } from '@holdfast/usecases/ports/actor'
import { endSession } from '@holdfast/usecases/sessions/end-session'
import { listSessions, type OwnSession } from '@holdfast/usecases/sessions/list-sessions'
import type { UseCaseDependencies } from './dependencies.ts'
import { pageOf, timestamp, writeFacts } from './representations.ts'

const sessionOf = ({ row, isCurrent }: OwnSession) => ({
  id: row.id,
  createdAt: timestamp(row.createdAt),
  lastSeenAt: timestamp(row.lastSeenAt),
  expiresAt: timestamp(row.expiresAt),
  isCurrent,
})

/** The handlers of `sessions.*`. */
export function sessionHandlers(dependencies: UseCaseDependencies): Handlers<Actor>['sessions'] {
  const list = listSessions(dependencies)
  const end = endSession(dependencies)
  return {
    list: async ({ actor, input }) => ({ output: pageOf(await list(actor, input), sessionOf) }),
    async end({ actor, input, write }) {
      const written = await end(actor, { id: input.id as SessionId }, write)
      const { operationId, durability } = written
      return { output: { id: input.id, operationId, durability }, ...writeFacts(written, write) }
    },
  }
}
