import type { Delivery } from '@holdfast/domain/entity'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { OperationId, TaskId } from '@holdfast/domain/identifiers'
import type { Stamp } from '@holdfast/domain/stamp'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import type { OperationStore, StoredOperation } from '@holdfast/usecases/ports/operation-store'
import type { WritePort } from '@holdfast/usecases/ports/write-port'

/** A command and, if it comes from the drain, its stamp. */
export interface ExaminedItem {
  readonly command: TaskCommand
  readonly stamp: Stamp | null
}

/** What became of a command of a batch; the engine’s own words for it. */
export type ExaminedOutcome =
  | { readonly state: 'written'; readonly row: TaskRow; readonly isConflicted: boolean }
  | { readonly state: 'rejected' | 'conflicted' | 'absent'; readonly code: ErrorCode | null }
  | { readonly state: 'duplicate'; readonly stored: StoredOperation<'task'> }
  | { readonly state: 'unavailable' | 'misconfigured' | 'contended' | 'unknown' | 'impossible' }

/** One engine over its own lanes to data that others use as well. */
export interface ExaminedInstance {
  readonly writes: WritePort
  readonly store: OperationStore
  /** Applies a batch as the drain or a lane would, stamped by that clock; settles within 30 s. */
  apply(items: readonly ExaminedItem[], delivery: Delivery, clock: HybridClock): Promise<ReadonlyMap<OperationId, ExaminedOutcome>>
}

/** Ends what was begun; settles when the store is as it would be without it. */
export type Release = () => Promise<void>

/** What sits the exam. Nobody else uses its data. */
export interface WritePortSubject {
  readonly instances: readonly [ExaminedInstance, ExaminedInstance]
  /** Holds a row as a stranger’s transaction would; where there can be no stranger, the reason. */
  readonly holdRow: ((id: TaskId) => Promise<Release>) | string
  /**
   * Lets the store take what the first instance sends, and answer nothing, until released: what was sent may take effect
   * then. Where that cannot be done, the reason.
   */
  readonly freeze: (() => Promise<Release>) | string
}
