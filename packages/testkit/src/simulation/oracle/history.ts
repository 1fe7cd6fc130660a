import type { AnyCommand, EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import type { Version } from '@holdfast/domain/version'
import type { OperationWrite } from '@holdfast/usecases/ports/operation-store'
import type { Receipt, WriteOptions } from '@holdfast/usecases/ports/write-port'

export type AnyRow = RowOf<EntityKind>
export type AnyReceipt = Receipt<EntityKind>

/** The name of a machine: a disk and a clock on which one process after the other runs. */
export type MachineName = string

/** One call of the write port. */
export interface Submission {
  readonly operation: OperationHistory
  readonly machine: MachineName
  readonly command: AnyCommand
  readonly options: WriteOptions
  readonly at: number
  /** What had been acknowledged here for the entity before, and so comes before it. */
  readonly predecessors: readonly OperationHistory[]
  /** Null as long as there is none, and for ever if the process was cut. */
  receipt: AnyReceipt | null
}

export interface Acknowledgement {
  readonly machine: MachineName
  readonly durability: 'committed' | 'buffered'
  readonly consistencyToken: string
}

/** What the database keeps of an operation, and which machine’s commit brought it. */
export interface Recorded {
  readonly write: OperationWrite<EntityKind>
  readonly machine: MachineName
  /** As this operation left the row; null for no effect. */
  readonly row: AnyRow | null
  /** The how manieth of all. */
  readonly order: number
}

export interface Death {
  readonly machine: MachineName
  readonly reason: ErrorCode
}

/** All that is known of one operation, from the outside. */
export interface OperationHistory {
  readonly id: OperationId
  /** As it was submitted first; a later submission differs by its time alone. */
  readonly command: AnyCommand
  readonly submissions: Submission[]
  readonly acknowledgements: Acknowledgement[]
  readonly deaths: Death[]
  /** When each machine was asked to buffer it first, and when it did. */
  readonly bufferedAt: Map<MachineName, number>
  recorded: Recorded | null
}

/** What a run has come to so far, as the oracle has seen it with its own eyes. */
export class History {
  readonly operations = new Map<OperationId, OperationHistory>()
  readonly #byEntity = new Map<string, OperationHistory[]>()
  /** By kind and id: what the merges alone make of the operations that took effect, in that order. */
  readonly rows = new Map<string, AnyRow>()
  /** What each version names. */
  readonly contents = new Map<Version, string>()
  recordedCount = 0

  /** What is known of a command’s operation; begins with nothing. */
  of(command: AnyCommand): OperationHistory {
    const known = this.operations.get(command.operationId)
    if (known !== undefined) return known
    const operation: OperationHistory = {
      id: command.operationId,
      command,
      submissions: [],
      acknowledgements: [],
      deaths: [],
      bufferedAt: new Map(),
      recorded: null,
    }
    this.operations.set(operation.id, operation)
    this.#byEntity.set(entityKey(command), [...this.ofEntity(command), operation])
    return operation
  }

  /** In order of their first submission. */
  ofEntity(command: Pick<AnyCommand, 'kind' | 'entity'>): readonly OperationHistory[] {
    return this.#byEntity.get(entityKey(command)) ?? []
  }

  rowOf(command: Pick<AnyCommand, 'kind' | 'entity'>): AnyRow | null {
    return this.rows.get(entityKey(command)) ?? null
  }
}

/** A profile and its user have one id. */
export const entityKey = ({ kind, entity }: Pick<AnyCommand, 'kind' | 'entity'>): string => `${kind} ${entity}`

export const isAcknowledgedAt = (operation: OperationHistory, machine: MachineName): boolean =>
  operation.acknowledgements.some((acknowledgement) => acknowledgement.machine === machine)

export const isDeadAt = (operation: OperationHistory, machine: MachineName): boolean =>
  operation.deaths.some((death) => death.machine === machine)

export const hasEffect = ({ recorded }: OperationHistory): boolean => recorded !== null && recorded.row !== null

export const describe = ({ id, command }: OperationHistory): string => `${command.name} ${id} on ${command.entity}`
