import type { Handlers } from '@holdfast/contract/contract'
import type { OperationId } from '@holdfast/domain/identifiers'
import { versionOf } from '@holdfast/domain/version'
import { getOperation } from '@holdfast/usecases/operations/get-operation'
import { listOperations } from '@holdfast/usecases/operations/list-operations'
import type { Actor } from '@holdfast/usecases/ports/actor'
import type { OperationFound } from '@holdfast/usecases/ports/operation-repository'
import type { UseCaseDependencies } from './dependencies.ts'
import { pageOf, timestamp } from './representations.ts'

const operationOf = (found: OperationFound) => ({
  id: found.id,
  name: found.name,
  entity: { kind: found.kind, id: found.entity },
  state: found.outcome,
  acceptedAt: timestamp(found.acceptedAt),
  appliedAt: timestamp(found.appliedAt),
  attempts: 1,
  reason: found.reason,
  result: found.outcome === 'rejected' ? null : { version: versionOf({ revision: found.revision, lastOperation: found.id }) },
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
