import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, OperationId, TaskId, UserId } from '@holdfast/domain/identifiers'
import { mergeTask } from '@holdfast/domain/merge-task'
import { highestStamp } from '@holdfast/domain/row-clock'
import { makeStamp, type Stamp } from '@holdfast/domain/stamp'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import { versionOf, type Version } from '@holdfast/domain/version'
import type { StoredOperation } from '@holdfast/usecases/ports/operation-store'
import type { ExaminedItem, ExaminedOutcome } from './examined-instance.ts'
import { newId } from './samples.ts'
import { phases, type History, type Step } from './write-histories.ts'

export const examinedInstance = 'examined' as InstanceId
const startAt = Date.UTC(2026, 10, 22, 10)
const phaseMs = 1_000_000

/** The physical time of a phase: so far apart that no counter reaches the next. */
export const timeOfPhase = (phase: number): number => startAt + phase * phaseMs

/** A history as commands, and what the merge alone makes of them, one after the other. */
export interface UnfoldedHistory {
  readonly entity: TaskId
  readonly items: readonly (ExaminedItem & { readonly phase: number; readonly expected: ExaminedOutcome })[]
  readonly row: TaskRow | null
  readonly operations: ReadonlyMap<OperationId, StoredOperation<'task'>>
}

/** Gives a history its ids, times and stamps, and judges it. Knows no batch, no store, no engine. */
export function unfoldHistory(history: History): UnfoldedHistory {
  const entity = newId<TaskId>()
  const users = { owner: newId<UserId>(), stranger: newId<UserId>() }
  const operations = new Map<OperationId, StoredOperation<'task'>>()
  const items: UnfoldedHistory['items'][number][] = []
  let row: TaskRow | null = null
  let parkedIn: number | null = null
  let now = 0
  const clock = new HybridClock(examinedInstance, () => now)

  for (const [index, step] of history.entries()) {
    const { phase } = step
    const delivery = phases[phase] as 'direct' | 'drained'
    const earlier = step.repeats === null ? undefined : items[step.repeats]
    const isAgain = earlier !== undefined && earlier.phase < phase
    const isTwiceInPhase = isAgain && items.some((item) => item.phase === phase && item.command === earlier.command)
    if (isTwiceInPhase) continue
    const command = isAgain ? earlier.command : commandOf(step, entity, step.isStranger ? users.stranger : users.owner, row, index)
    now = timeOfPhase(phase)
    if (row !== null) clock.receive(highestStamp((row as TaskRow).clock))
    const stamp = delivery === 'direct' ? clock.next() : bufferedStamp(step, index)
    const item = { phase, command, stamp: delivery === 'direct' ? null : stamp }
    const stored = operations.get(command.operationId)
    if (stored !== undefined) {
      items.push({ ...item, expected: { state: 'duplicate', stored } })
      continue
    }
    const before: TaskRow | null = row
    const { row: after, outcome }: ReturnType<typeof mergeTask> = mergeTask(before, command, stamp, delivery)
    // What is drained before its creation waits, and all but a creation behind it.
    const isParked = delivery === 'drained' && command.name !== 'tasks.create' && (before === null || parkedIn === phase)
    if (isParked) {
      parkedIn = phase
      items.push({ ...item, expected: { state: 'absent', code: 'TASK_NOT_FOUND' } })
      continue
    }
    const hasEffect = after !== before && after !== null
    row = after
    items.push({ ...item, expected: expectedOutcome(outcome, hasEffect ? after : null) })
    if (!hasEffect && delivery === 'direct') continue
    operations.set(command.operationId, {
      id: command.operationId,
      entity,
      fingerprint: command.fingerprint,
      outcome: outcome.kind,
      reason: outcome.kind === 'applied' ? null : outcome.code,
      revision: after?.revision ?? 0,
      response: hasEffect && command.fingerprint !== null && delivery === 'direct' ? after : null,
    })
  }
  return { entity, items, row, operations }
}

function expectedOutcome(outcome: ReturnType<typeof mergeTask>['outcome'], row: TaskRow | null): ExaminedOutcome {
  if (row !== null) return { state: 'written', row, isConflicted: outcome.kind === 'conflicted' }
  return { state: outcome.kind === 'rejected' ? 'rejected' : 'conflicted', code: outcome.kind === 'applied' ? null : outcome.code }
}

function commandOf(step: Step, entity: TaskId, actor: UserId, row: TaskRow | null, index: number): TaskCommand {
  const versions = { none: null, current: versionOf(row), stale: `${(row?.revision ?? 0) + 7}.${newId()}` as Version }
  const header = {
    kind: 'task' as const,
    operationId: newId<OperationId>(),
    entity,
    actor,
    acceptedAt: timeOfPhase(step.phase) + index,
    fingerprint: step.isKeyed ? 'f' : null,
    session: null,
    baseVersion: step.name === 'tasks.create' ? null : versions[step.base],
  }
  const { name, fields, patched } = step
  if (name === 'tasks.create' || name === 'tasks.replace') return { ...header, name, fields }
  if (name === 'tasks.delete' || name === 'tasks.restore') return { ...header, name }
  const labels = patched.includes('labels') ? {} : { addLabels: step.addLabels, removeLabels: step.removeLabels }
  return { ...header, name, fields: Object.fromEntries(patched.map((field) => [field, fields[field]])), ...labels }
}

/** When it was buffered: half a phase before or after what was written directly in some phase that has been. */
function bufferedStamp({ phase, buffered }: Step, index: number): Stamp {
  const shiftMs = (buffered.isBefore ? -phaseMs : phaseMs) / 2 + index
  return makeStamp(timeOfPhase(Math.min(phase, buffered.phase)) + shiftMs, 0, examinedInstance)
}
