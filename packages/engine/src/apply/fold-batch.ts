import { rejected, type Delivery, type Merge, type Merged, type Outcome } from '@holdfast/domain/entity'
import { isCreation, merges, type CommandOf, type EntityKind, type RowOf } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { InstanceId, OperationId, UserId } from '@holdfast/domain/identifiers'
import type { Stamp } from '@holdfast/domain/stamp'
import type { CommitBatch, OperationRecord, OperationWrite, StoredOperation } from '@holdfast/usecases/ports/operation-store'
import type { Settled } from './settled.ts'

/** A command and, if it was stamped when it was buffered, its stamp. */
export interface BatchItem<Kind extends EntityKind> {
  readonly command: CommandOf<Kind>
  readonly stamp: Stamp | null
  /** Why it is rejected, whatever the row says: its actor’s right had ended before its stamp, or it will never be applied. */
  readonly refusal?: ErrorCode | null
}

export interface StoreView<Kind extends EntityKind> {
  readonly rows: ReadonlyMap<string, RowOf<Kind>>
  readonly operations: ReadonlyMap<OperationId, StoredOperation<Kind>>
}

export interface FoldContext {
  readonly instance: InstanceId
  readonly delivery: Delivery
  /** A stamp later than all received, for commands that have none. */
  nextStamp(): Stamp
}

/** What one command comes to if the rows are written as folded. */
export interface Judged<Kind extends EntityKind> {
  readonly item: BatchItem<Kind>
  readonly settled: Settled<Kind>
  /** It is final only once the row of its entity is known to be written. */
  readonly dependsOnRow: boolean
}

export interface Fold<Kind extends EntityKind> {
  readonly judged: readonly Judged<Kind>[]
  readonly batch: CommitBatch<Kind>
}

/**
 * Folds a batch over what was read: each command is judged by its kind’s merge on the row that the ones before it left, so
 * that several commands on one entity give one row and as many revisions. Pure but for the stamps that it draws.
 */
export function foldBatch<Kind extends EntityKind>(
  kind: Kind,
  items: readonly BatchItem<Kind>[],
  view: StoreView<Kind>,
  context: FoldContext,
): Fold<Kind> {
  const merge = merges[kind] as Merge<RowOf<Kind>, CommandOf<Kind>>
  const rows = new Map<string, RowOf<Kind> | null>()
  const touched = new Set<string>()
  const absent = new Map<string, ErrorCode>()
  const judged: Judged<Kind>[] = []
  const operations: OperationWrite<Kind>[] = []
  const lost: CommitBatch<Kind>['lost'][number][] = []

  for (const item of items) {
    const { command } = item
    const stored = view.operations.get(command.operationId)
    if (stored !== undefined) {
      judged.push({ item, settled: { state: 'duplicate', stored, current: view.rows.get(command.entity) ?? null }, dependsOnRow: false })
      continue
    }
    const before = rows.get(command.entity) ?? view.rows.get(command.entity) ?? null
    const stamp = item.stamp ?? context.nextStamp()
    const refusal = item.refusal ?? null
    const waitsBehind = absent.get(command.entity)
    if (waitsBehind !== undefined && !isCreation(command)) {
      judged.push({ item, settled: { state: 'absent', code: waitsBehind }, dependsOnRow: false })
      continue
    }
    const merged = refusal === null ? merge(before, command, stamp, context.delivery) : rejected(before, refusal)
    if (context.delivery === 'drained' && refusal === null && merged.row === null && merged.outcome.kind === 'rejected') {
      // Its creation may be on its way from elsewhere: it is not judged for good, and only a creation may overtake it.
      absent.set(command.entity, merged.outcome.code)
      judged.push({ item, settled: { state: 'absent', code: merged.outcome.code }, dependsOnRow: false })
      continue
    }
    const hasEffect = merged.row !== before && merged.row !== null
    if (hasEffect) {
      rows.set(command.entity, merged.row)
      touched.add(command.entity)
    } else if (context.delivery === 'drained' && refusal === null && before !== null) {
      // Judged for good, and so only on the row as it still is: it is written as it was read.
      rows.set(command.entity, before)
      touched.add(command.entity)
    }
    const dependsOnRow = touched.has(command.entity)
    judged.push({ item, settled: settledOf(merged.outcome, hasEffect ? merged.row : null), dependsOnRow })
    if (!hasEffect && context.delivery === 'direct') continue
    const response = hasEffect && command.fingerprint !== null && context.delivery === 'direct' ? merged.row : null
    operations.push({ ...operationRecord(kind, command, stamp, merged, context), dependsOnRow, response })
    for (const value of merged.lost) lost.push({ operation: command.operationId, entity: command.entity, owner: command.actor, value })
  }
  const writes = [...touched].map((entity) => ({
    row: rows.get(entity) as RowOf<Kind>,
    expectedRevision: view.rows.get(entity)?.revision ?? 0,
  }))
  return { judged, batch: { rows: writes, operations, lost } }
}

function settledOf<Kind extends EntityKind>(outcome: Outcome, row: RowOf<Kind> | null): Settled<Kind> {
  if (row !== null) return { state: 'written', row, isConflicted: outcome.kind === 'conflicted' }
  if (outcome.kind === 'rejected') return { state: 'rejected', code: outcome.code }
  return { state: 'conflicted', code: outcome.kind === 'conflicted' ? outcome.code : null }
}

function operationRecord<Kind extends EntityKind>(
  kind: Kind,
  command: CommandOf<Kind>,
  stamp: Stamp,
  { row, outcome }: Merged<RowOf<Kind>>,
  { instance, delivery }: FoldContext,
): OperationRecord {
  return {
    id: command.operationId,
    actor: command.actor as UserId,
    name: command.name,
    kind,
    entity: command.entity,
    fingerprint: command.fingerprint,
    stamp,
    acceptedAt: command.acceptedAt,
    instance,
    acknowledgedAs: delivery === 'direct' ? 'committed' : 'buffered',
    outcome: outcome.kind === 'rejected' && outcome.code === 'WRITE_EXPIRED' ? 'expired' : outcome.kind,
    reason: outcome.kind === 'applied' ? null : outcome.code,
    revision: row?.revision ?? 0,
  }
}
