import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import { versionOf, type Version } from '@holdfast/domain/version'
import type { DeadLetter, PendingCommand } from '../ports/command-buffer.ts'
import type { OperationFound } from '../ports/operation-repository.ts'

/** What can have become of an accepted write. */
export type OperationState = 'pending' | 'applied' | 'conflicted' | 'rejected' | 'expired'

/** What became of one accepted write, as far as is known here. Times in milliseconds since 1970. */
export interface OperationStatus {
  readonly id: OperationId
  readonly name: string
  readonly kind: EntityKind
  readonly entity: string
  readonly state: OperationState
  readonly acceptedAt: number
  /** When the database took it, or its refusal; null until then, and for a dead letter while it is away. */
  readonly appliedAt: number | null
  /** How often it was sent to the database; 1 for what the database has. */
  readonly attempts: number
  /** Why it was not applied; while it is pending, why it was not yet. */
  readonly reason: ErrorCode | null
  /** The version that it made. */
  readonly version: Version | null
}

/** One that the database has: its answer is final. */
export const storedStatus = (found: OperationFound): OperationStatus => ({
  id: found.id,
  name: found.name,
  kind: found.kind,
  entity: found.entity,
  state: found.outcome,
  acceptedAt: found.acceptedAt,
  appliedAt: found.appliedAt,
  attempts: 1,
  reason: found.reason,
  version: found.reason === null ? versionOf({ revision: found.revision, lastOperation: found.id }) : null,
})

/** One that waits at this instance. */
export const pendingStatus = ({ command, attempts, lastFailure }: PendingCommand): OperationStatus => ({
  ...headOf(command),
  state: 'pending',
  attempts,
  reason: lastFailure,
})

/** One that waited at this instance and was given up. The database says the same of it. */
export const deadStatus = ({ command, attempts, reason }: DeadLetter): OperationStatus => ({
  ...headOf(command),
  state: deadStateOf(reason),
  attempts,
  reason,
})

/** What a dead letter is called by its reason. */
const deadStateOf = (reason: ErrorCode): 'expired' | 'rejected' => (reason === 'WRITE_EXPIRED' ? 'expired' : 'rejected')

const headOf = ({ operationId, name, kind, entity, acceptedAt }: PendingCommand['command']) => ({
  id: operationId,
  name,
  kind,
  entity,
  acceptedAt,
  appliedAt: null,
  version: null,
})
