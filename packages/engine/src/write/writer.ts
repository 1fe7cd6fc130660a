import type { CommandOf, EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { StoredOperation } from '@holdfast/usecases/ports/operation-store'
import type { Receipt, WritePort } from '@holdfast/usecases/ports/write-port'
import type { ApplyDependencies } from '../apply/apply-commands.ts'
import type { Settled } from '../apply/settled.ts'
import { DirectLane } from './direct-lane.ts'

/**
 * The write port: every command goes to the lane of its entity and comes back as a receipt. Commands on one entity share a
 * lane, where they keep their order. An operation id that is being worked on here is refused until that is over.
 */
export function createWriter(dependencies: ApplyDependencies, writeMs: number): WritePort {
  const lanes = [new DirectLane(dependencies, 'direct-0', writeMs), new DirectLane(dependencies, 'direct-1', writeMs)] as const
  const inFlight = new Set<OperationId>()
  let acknowledged = 0
  const nextToken = () => `${dependencies.instance}.${++acknowledged}`

  return {
    async submit(command) {
      const { operationId } = command
      if (inFlight.has(operationId)) return { state: 'refused', operationId, code: 'IDEMPOTENCY_KEY_IN_FLIGHT' }
      inFlight.add(operationId)
      try {
        const lane = lanes[laneOf(command.entity)]
        return receiptOf(command, await lane.submit(command.kind, command), nextToken)
      } finally {
        inFlight.delete(operationId)
      }
    },
  }
}

/** Ids are uniform in their last digit. */
const laneOf = (entity: string): 0 | 1 => (Number.parseInt(entity.slice(-1), 16) % 2 === 0 ? 0 : 1)

function receiptOf<Kind extends EntityKind>(
  command: CommandOf<Kind>,
  settled: Settled<Kind> | { readonly state: 'overloaded' },
  nextToken: () => string,
): Receipt<Kind> {
  const { operationId } = command
  switch (settled.state) {
    case 'written':
      return { state: 'committed', operationId, row: settled.row, isReplay: false, consistencyToken: nextToken() }
    case 'duplicate':
      return replayReceipt(command, settled.stored, settled.current, nextToken)
    case 'rejected':
      return { state: 'refused', operationId, code: settled.code }
    case 'conflicted':
      return { state: 'refused', operationId, code: settled.code ?? 'VERSION_STALE' }
    case 'unknown':
      return { state: 'unknown', operationId }
    case 'impossible':
      return { state: 'refused', operationId, code: 'INTERNAL_ERROR' }
    case 'overloaded':
      return { state: 'refused', operationId, code: 'STORE_OVERLOADED' }
    case 'unavailable':
    case 'contended':
      return { state: 'refused', operationId, code: 'STORE_UNAVAILABLE' }
  }
}

/** The key was used before: by the same request, which is answered as it was then, or by another, which is refused. */
function replayReceipt<Kind extends EntityKind>(
  command: CommandOf<Kind>,
  stored: StoredOperation<Kind>,
  current: RowOf<Kind> | null,
  nextToken: () => string,
): Receipt<Kind> {
  const { operationId } = command
  if (stored.fingerprint !== command.fingerprint) return { state: 'refused', operationId, code: 'IDEMPOTENCY_KEY_REUSED' }
  if (stored.reason !== null) return { state: 'refused', operationId, code: stored.reason }
  // Answers are kept for 48 h; afterwards the row as it is now is the best that can be said.
  const row = stored.response ?? current
  if (row === null) return { state: 'refused', operationId, code: 'IDEMPOTENCY_KEY_REUSED' }
  return { state: 'committed', operationId, row, isReplay: true, consistencyToken: nextToken() }
}
