import type { EntityKind } from '@holdfast/domain/entity-kinds'
import type { OperationId } from '@holdfast/domain/identifiers'
import { priorityClassOf } from '@holdfast/domain/priority-class'
import type { CommandBuffer, Disposal, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { StoreCall } from '@holdfast/usecases/ports/operation-store'
import { describe, hasEffect, isAcknowledgedAt, isDeadAt, type History, type MachineName } from './history.ts'
import { expectKept } from './violation.ts'

/** By how much earlier than the oracle a machine may take a command to be too old: it knows the time by answers that took their time. */
export const toleranceMs = 1_000

/** Of both classes. More than any run has. */
export const allPending = (buffer: CommandBuffer): readonly PendingCommand[] =>
  ([0, 1] as const).flatMap((priority) => buffer.next(priority, null, 10_000, 1e9))

/** Judges what the drain is about to do with commands of the buffer. `reachableMs`: how long a command could have been drained. */
export function judgeDisposal(
  history: History,
  machine: MachineName,
  disposal: Disposal,
  expiryMs: number,
  reachableMs: (since: number) => number,
): void {
  const operation = history.operations.get(disposal.pending.command.operationId)
  if (operation === undefined) return
  if (disposal.kind === 'done')
    expectKept(
      'kept',
      operation.recorded !== null,
      () => `${describe(operation)} leaves the buffer of ${machine} and is not in the database`,
    )
  if (disposal.kind !== 'dead') return
  expectKept('one place', !hasEffect(operation), () => `${describe(operation)} becomes a dead letter and has taken effect`)
  if (disposal.reason !== 'WRITE_EXPIRED') return
  // The machine that accepted it first may have found it too old already; that was judged there.
  if (operation.recorded?.machine !== machine && operation.recorded?.write.reason === 'WRITE_EXPIRED') return
  const since = operation.bufferedAt.get(machine) ?? 0
  const ms = reachableMs(since)
  const mayExpire = priorityClassOf(operation.command.kind) === 1 && ms >= expiryMs - toleranceMs
  expectKept('expiry', mayExpire, () => `${describe(operation)} expires at ${machine} after ${ms} ms in which it could have been drained`)
}

/**
 * Judges a call of the drain: no command of class 1 goes first while one of class 0 waits that came before it and was never tried.
 * `tried`: what this process has sent. `mayBeBuried`: whether it would be right to bury this one now.
 */
export function judgeDrainCall(
  buffer: CommandBuffer,
  machine: MachineName,
  kind: EntityKind,
  operations: readonly OperationId[],
  call: StoreCall,
  tried: Set<OperationId>,
  mayBeBuried: (pending: PendingCommand) => boolean,
): void {
  if (call.lane !== 'drain') return
  const wereTried = new Set(tried)
  for (const id of operations) tried.add(id)
  if (priorityClassOf(kind) === 0) return
  const sent = operations.flatMap((id) => buffer.find(id) ?? [])
  // What is buried with one before it on its row belongs to the batch of that one.
  const buried = sent.filter((one) => wereTried.has(one.command.operationId) && mayBeBuried(one))
  const isDependant = ({ command, sequence }: PendingCommand): boolean =>
    buried.some((other) => other.command.entity === command.entity && other.sequence < sequence)
  const sequences = sent.filter((one) => !wereTried.has(one.command.operationId) && !isDependant(one)).map(({ sequence }) => sequence)
  const security = allPending(buffer).filter(({ priority }) => priority === 0)
  // What stands behind another on its own row waits for that one, and for nothing of class 1.
  const isFirst = ({ command, sequence }: PendingCommand): boolean =>
    security.every((other) => other.command.entity !== command.entity || other.sequence >= sequence)
  const waiting = security.find(
    (one) => !tried.has(one.command.operationId) && isFirst(one) && sequences.some((mine) => mine > one.sequence),
  )
  expectKept(
    'class 0 first',
    waiting === undefined,
    () => `${machine} drains class 1 before ${waiting?.command.name} ${waiting?.command.operationId}, which came before it`,
  )
}

/** What the machine has acknowledged and the database has not: it must be here, and stay final once it was. */
export function judgeBuffer(history: History, machine: MachineName, buffer: CommandBuffer, seenDead: Set<OperationId>): void {
  for (const operation of history.operations.values()) {
    if (operation.recorded !== null || !isAcknowledgedAt(operation, machine)) continue
    const letter = buffer.findDead(operation.id)
    const isDead = letter !== null
    // A process that was cut may have written it and told nobody.
    if (isDead && !isDeadAt(operation, machine)) operation.deaths.push({ machine, reason: letter.reason })
    expectKept('final is final', isDead || !seenDead.has(operation.id), () => `${describe(operation)} was a dead letter at ${machine}`)
    if (isDead) seenDead.add(operation.id)
    const isKept = isDead || buffer.find(operation.id) !== null
    expectKept('kept', isKept, () => `${describe(operation)} was acknowledged at ${machine} and is nowhere`)
  }
}

/** Only while nothing is being written: then what is on disk and what the process knows are one. */
export function judgeCounters(machine: MachineName, buffer: CommandBuffer): void {
  const level = buffer.level()
  const count = allPending(buffer).length
  expectKept(
    'counters',
    level.count === count && level.quarantined === 0,
    () => `the buffer of ${machine} holds ${count} commands and says ${JSON.stringify(level)}`,
  )
}
