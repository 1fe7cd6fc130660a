import type { Handlers } from '@holdfast/contract/contract'
import type { OperationId } from '@holdfast/domain/identifiers'
import { getOperation } from '@holdfast/usecases/operations/get-operation'
import { listOperations } from '@holdfast/usecases/operations/list-operations'
import type { OperationStatus } from '@holdfast/usecases/operations/operation-status'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { UseCaseDependencies } from './dependencies.ts'
import { pageOf, timestamp } from './representations.ts'

const operationOf = (status: OperationStatus) => ({
  id: status.id,
  name: status.name,
  entity: { kind: status.kind, id: status.entity },
  state: status.state,
  acceptedAt: timestamp(status.acceptedAt),
  appliedAt: status.appliedAt === null ? null : timestamp(status.appliedAt),
  attempts: status.attempts,
  reason: status.reason,
  result: status.version === null ? null : { version: status.version },
})

/** The handlers of `operations.*`. */
export function operationHandlers(dependencies: UseCaseDependencies): Handlers<Actor>['operations'] {
  const list = listOperations(dependencies)
  const get = getOperation(dependencies)
  return {
    list: async ({ actor, input }) => ({ output: pageOf(await list(actor, input), operationOf) }),
    get: async ({ actor, input }) => ({ output: operationOf(await get(actor, { id: input.id as OperationId })) }),
  }
}
