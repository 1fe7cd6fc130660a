import { rejected, stale, type Delivery, type LostValue, type Merged } from '../entities/entity.ts'
import { versionOf } from '../operations/version.ts'
import { maxLabelStamps, mergeLabels, type LabelChange } from '../registers/label-set.ts'
import { decodeClock, encodeClock, type LabelStamps } from '../registers/row-clock.ts'
import { zeroStamp, type Stamp } from '../stamps/stamp.ts'
import { taskLimits, type TaskCommand, type TaskFields, type TaskRow } from './task.ts'

const plainRegisters = ['title', 'description', 'status', 'priority', 'due', 'position'] as const
/** `labels` is the stamp at which the whole set was last replaced; `existence` that of the last delete or restore. */
const registers = [...plainRegisters, 'labels', 'existence'] as const
type Register = (typeof registers)[number]

/** A row under change. */
type Draft = { -readonly [Key in keyof TaskRow]: TaskRow[Key] }

/**
 * What a command does to a task. Every field is a register whose last writer by stamp wins; `existence` is changed by
 * delete and restore alone, so that an edit never revives. Fields and tombstones merge commutatively, associatively and
 * idempotently; `revision` counts what was applied.
 */
export function mergeTask(row: TaskRow | null, command: TaskCommand, stamp: Stamp, delivery: Delivery): Merged<TaskRow> {
  if (command.name === 'tasks.create') return row === null ? create(command) : rejected(row, 'TASK_ID_TAKEN')
  if (row === null || row.owner !== command.actor) return rejected(row, 'TASK_NOT_FOUND')
  const isEditUnderTombstone = row.isDeleted && command.name !== 'tasks.restore'
  if (isEditUnderTombstone && delivery === 'direct') return rejected(row, 'TASK_NOT_FOUND')
  if (command.baseVersion !== null && command.baseVersion !== versionOf(row)) return stale(row, delivery)

  const draft: Draft = { ...row }
  const clock = decodeClock(registers, row.clock)
  const stamps = { ...clock.registers }
  const lost: LostValue[] = []
  let labelStamps = clock.labels
  if (command.name === 'tasks.delete' || command.name === 'tasks.restore') {
    setExistence(draft, stamps, command.name === 'tasks.delete', stamp)
  } else {
    setFields(draft, stamps, lost, command.fields, command.acceptedAt, stamp)
    labelStamps = setLabels(draft, stamps, labelStamps, lost, labelChangeOf(command), stamp)
    const hasTooManyLabels = draft.labels.length > taskLimits.labels || Object.keys(labelStamps).length > maxLabelStamps
    if (hasTooManyLabels && delivery === 'direct') return rejected(row, 'TASK_LABELS_FULL')
  }
  draft.revision += 1
  draft.lastOperation = command.operationId
  draft.updatedAt = Math.max(draft.updatedAt, command.acceptedAt)
  draft.clock = encodeClock(registers, { registers: stamps, labels: labelStamps })
  const isEdit = command.name === 'tasks.replace' || command.name === 'tasks.patch'
  const isConflicted = delivery === 'drained' && (lost.length > 0 || (isEdit && draft.isDeleted))
  return { row: draft, outcome: isConflicted ? { kind: 'conflicted', code: null } : { kind: 'applied' }, lost }
}

/**
 * A creation is earlier than every edit of what it made, whatever its stamp: the same one may be accepted at two instances, and the
 * later of its stamps must not outrank an edit that was made after the first.
 */
function create(command: Extract<TaskCommand, { name: 'tasks.create' }>): Merged<TaskRow> {
  const row: TaskRow = {
    ...command.fields,
    id: command.entity,
    owner: command.actor,
    revision: 1,
    lastOperation: command.operationId,
    clock: JSON.stringify([zeroStamp]),
    isDeleted: false,
    createdAt: command.acceptedAt,
    updatedAt: command.acceptedAt,
    completedAt: command.fields.status === 'done' ? command.acceptedAt : null,
  }
  return { row, outcome: { kind: 'applied' }, lost: [] }
}

function setExistence(draft: Draft, stamps: Record<Register, Stamp>, isDeleted: boolean, stamp: Stamp): void {
  if (stamp <= stamps.existence) return
  stamps.existence = stamp
  draft.isDeleted = isDeleted
}

function setFields(
  draft: Draft,
  stamps: Record<Register, Stamp>,
  lost: LostValue[],
  fields: Partial<TaskFields>,
  acceptedAt: number,
  stamp: Stamp,
): void {
  for (const field of plainRegisters) {
    const value = fields[field]
    if (value === undefined) continue
    if (stamp > stamps[field]) {
      stamps[field] = stamp
      Object.assign(draft, { [field]: value })
      if (field === 'status') draft.completedAt = value === 'done' ? acceptedAt : null
    } else if (stamp < stamps[field] && !isSame(value, draft[field])) lost.push({ field, value, stamp })
  }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function labelChangeOf(command: Extract<TaskCommand, { name: 'tasks.replace' | 'tasks.patch' }>): LabelChange | null {
  const { labels } = command.fields
  const add = command.name === 'tasks.patch' ? command.addLabels : undefined
  const remove = command.name === 'tasks.patch' ? command.removeLabels : undefined
  if (labels === undefined && add === undefined && remove === undefined) return null
  return { ...(labels && { replace: labels }), ...(add && { add }), ...(remove && { remove }) }
}

function setLabels(
  draft: Draft,
  stamps: Record<Register, Stamp>,
  labelStamps: LabelStamps,
  lost: LostValue[],
  change: LabelChange | null,
  stamp: Stamp,
): LabelStamps {
  if (change === null) return labelStamps
  const merged = mergeLabels({ labels: draft.labels, reset: stamps.labels, stamps: labelStamps }, change, stamp)
  stamps.labels = merged.reset
  draft.labels = merged.labels
  const written = [...(change.replace ?? []), ...(change.add ?? [])].filter((label) => !merged.labels.includes(label))
  const stillThere = (change.remove ?? []).filter((label) => merged.labels.includes(label))
  if (written.length > 0) lost.push({ field: 'labels', value: written, stamp })
  if (stillThere.length > 0) lost.push({ field: 'removeLabels', value: stillThere, stamp })
  return merged.stamps
}
