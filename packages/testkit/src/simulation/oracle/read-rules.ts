import { isCreation } from '@holdfast/domain/entity-kinds'
import { foldPending } from '@holdfast/domain/fold-pending'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import { describe, entityKey, isAcknowledgedAt, isDeadAt, type History, type MachineName, type OperationHistory } from './history.ts'
import { expectKept } from './violation.ts'

/**
 * Looks at tasks as their owner’s read at this machine does: the row, with what is pending here laid over it. Where everything on a task
 * went to this machine alone, once, and was answered, the title that was acknowledged last stands; unless its operation was told
 * to have lost, or to have failed.
 */
export function judgeOwnRows(history: History, machine: MachineName, buffer: CommandBuffer): void {
  const seen = new Set<string>()
  for (const { command } of history.operations.values()) {
    if (command.kind !== 'task' || seen.has(entityKey(command))) continue
    seen.add(entityKey(command))
    const operations = history.ofEntity(command)
    const last = operations.findLast((operation) => titleOf(operation) !== undefined && isAcknowledgedAt(operation, machine))
    if (last === undefined || isCreation(last.command) || !operations.every((operation) => isSettledHere(operation, machine))) continue
    if (isDeadAt(last, machine) || (last.recorded !== null && last.recorded.write.outcome !== 'applied')) continue
    const pending = buffer.ofEntity(command.entity).filter((one) => history.operations.get(one.command.operationId)?.recorded === null)
    // One that names a version may turn out to be stale.
    if (pending.some((one) => one.command.baseVersion !== null)) continue
    const row = foldPending('task', history.rowOf(command) as TaskRow | null, pending as readonly PendingTask[])
    expectKept(
      'own reads',
      row === null || row.title === titleOf(last),
      () => `a read at ${machine} shows the title ${row?.title} and not that of ${describe(last)}, ${titleOf(last)}`,
    )
  }
}

type PendingTask = PendingCommand & { readonly command: TaskCommand }

const titleOf = ({ command }: OperationHistory): string | undefined =>
  'fields' in command && 'title' in command.fields ? command.fields.title : undefined

/** Nothing of it is on its way: sent once, to this machine, and answered for good. */
const isSettledHere = ({ submissions: [only, ...others] }: OperationHistory, machine: MachineName): boolean =>
  only?.machine === machine && others.length === 0 && only.receipt !== null && only.receipt.state !== 'unknown'
