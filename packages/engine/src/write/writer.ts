import type { CommandOf, EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { Gate } from '@holdfast/resilience/gate'
import type { StoredOperation } from '@holdfast/usecases/ports/operation-store'
import type { Receipt, WriteOptions, WritePort } from '@holdfast/usecases/ports/write-port'
import type { ApplyDependencies } from '../apply/apply-commands.ts'
import type { StampReserve } from '../time/stamp-reserve.ts'
import type { BufferedWrites } from './buffered-writes.ts'
import { DirectLane, type DirectlySettled } from './direct-lane.ts'

export interface WriterOptions {
  readonly writeMs: number
  /** Of the store in the dependencies. */
  readonly gate: Gate
  readonly buffered: BufferedWrites
  readonly nextToken: () => string
  /** `null`: nothing is kept over a restart. */
  readonly reserve: StampReserve | null
}

export interface Writer extends WritePort {
  /** Whether commands wait for a batch, so that the drain should make way. */
  isBusy(): boolean
}

/**
 * The write port. One thing at a time per entity: what is in flight is waited for in the lane of the entity; what is pending in
 * the buffer is gone behind. Else a command is committed if the database is there, and buffered under the same operation
 * id if it is not, does not answer in time, or does not answer at all.
 *
 * An operation id that is being worked on here is refused until that is over.
 */
export function createWriter(dependencies: ApplyDependencies, { writeMs, gate, buffered, nextToken, reserve }: WriterOptions): Writer {
  const lane = (name: 'direct-0' | 'direct-1') => new DirectLane(dependencies, name, writeMs, buffered.holds)
  const lanes = [lane('direct-0'), lane('direct-1')] as const
  const inFlight = new Set<OperationId>()
  return {
    isBusy: () => lanes.some(({ isBusy }) => isBusy),
    async submit<Kind extends EntityKind>(
      command: CommandOf<Kind> & { readonly kind: Kind },
      options: WriteOptions = {},
    ): Promise<Receipt<Kind>> {
      const { operationId } = command
      if (inFlight.has(operationId)) return { state: 'refused', operationId, code: 'IDEMPOTENCY_KEY_IN_FLIGHT' }
      inFlight.add(operationId)
      try {
        const replay = buffered.replay<Kind>(command, options)
        if (replay !== null) return await replay
        if (gate.state().kind !== 'closed' || buffered.holds(command.entity))
          return await buffered.append<Kind>(command, options, 'STORE_UNAVAILABLE')
        reserve?.prepare()
        const receipt = await new Promise<Receipt<Kind>>((resolve) => {
          lanes[laneOf(command.entity)].submit<Kind>(command.kind, command, (settled) =>
            // Appended in this very turn, so that the order per entity is that of the submissions.
            resolve(
              isForBuffer(settled)
                ? buffered.append<Kind>(command, options, ifNotBuffered[settled.state])
                : receiptOf(command, settled, nextToken),
            ),
          )
        })
        if (receipt.state === 'committed') await reserve?.covered()
        return receipt
      } finally {
        inFlight.delete(operationId)
      }
    },
  }
}

/** Ids are uniform in their last digit. */
const laneOf = (entity: string): 0 | 1 => (Number.parseInt(entity.slice(-1), 16) % 2 === 0 ? 0 : 1)

type ForBuffer = Extract<DirectlySettled<never>, { state: 'unavailable' | 'misconfigured' | 'contended' | 'unknown' | 'overloaded' }>

const ifNotBuffered = {
  unavailable: 'STORE_UNAVAILABLE',
  misconfigured: 'STORE_UNAVAILABLE',
  contended: 'STORE_UNAVAILABLE',
  overloaded: 'STORE_OVERLOADED',
  unknown: 'unknown',
} as const satisfies Record<ForBuffer['state'], ErrorCode | 'unknown'>

/** What is not done, or not known to be done. */
function isForBuffer<Kind extends EntityKind>(settled: DirectlySettled<Kind>): settled is ForBuffer {
  switch (settled.state) {
    case 'unavailable':
    case 'misconfigured':
    case 'contended':
    case 'unknown':
    case 'overloaded':
      return true
    default:
      return false
  }
}

function receiptOf<Kind extends EntityKind>(
  command: CommandOf<Kind>,
  settled: Exclude<DirectlySettled<Kind>, ForBuffer>,
  nextToken: () => string,
): Receipt<Kind> {
  const { operationId } = command
  switch (settled.state) {
    case 'written':
      return { state: 'committed', operationId, row: settled.row, isReplay: false, consistencyToken: nextToken() }
    case 'duplicate':
      return replayReceipt(command, settled.stored, settled.current, nextToken)
    case 'rejected':
    case 'absent':
      return { state: 'refused', operationId, code: settled.code }
    case 'conflicted':
      return { state: 'refused', operationId, code: settled.code ?? 'VERSION_STALE' }
    case 'impossible':
      return { state: 'refused', operationId, code: 'INTERNAL_ERROR' }
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
