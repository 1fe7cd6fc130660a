import type { AnyCommand } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { InstanceId, OperationId } from '@holdfast/domain/identifiers'
import { priorityClassOf } from '@holdfast/domain/priority-class'
import { makeStamp } from '@holdfast/domain/stamp'
import type { DeadLetter, PendingCommand, PendingCommands } from '../ports/command-buffer.ts'

/** What waits, in memory, as a test puts it there. */
export interface TestPendingCommands extends PendingCommands {
  add(command: AnyCommand, changed?: Partial<PendingCommand>): PendingCommand
  /** Takes the one that has waited longest for an entity out. */
  take(entity: string): PendingCommand | undefined
  remove(operation: OperationId): void
  bury(command: AnyCommand, reason: ErrorCode, diedAt: number): void
}

/** An empty buffer, for reading. Stamps rise with each command, from a time that the commands know. */
export function createTestPendingCommands(): TestPendingCommands {
  let waiting: PendingCommand[] = []
  const dead: DeadLetter[] = []
  let sequence = 0
  const stampNow = () => makeStamp(1_800_000_000_000 + sequence, 0, 'fixture0' as InstanceId)
  return {
    add(command, changed = {}) {
      sequence += 1
      const priority = priorityClassOf(command.kind)
      const added: PendingCommand = {
        command,
        stamp: stampNow(),
        priority,
        sequence,
        attempts: 0,
        waitedMs: 0,
        lastFailure: null,
        ...changed,
      }
      waiting.push(added)
      return added
    },
    take(entity) {
      const taken = waiting.find(({ command }) => command.entity === entity)
      waiting = waiting.filter((it) => it !== taken)
      return taken
    },
    remove(operation) {
      waiting = waiting.filter(({ command }) => command.operationId !== operation)
    },
    bury(command, reason, diedAt) {
      sequence += 1
      dead.push({ command, stamp: stampNow(), attempts: 3, reason, diedAt })
    },
    find: (operation) => waiting.find(({ command }) => command.operationId === operation) ?? null,
    findDead: (operation) => dead.find(({ command }) => command.operationId === operation) ?? null,
    ofEntity: (entity) => waiting.filter(({ command }) => command.entity === entity),
    ofActor: ({ actor, before, limit }) =>
      waiting
        .filter((it) => it.command.actor === actor && (before === null || it.sequence < before))
        .toReversed()
        .slice(0, limit),
    deadOfActor: (actor, limit) =>
      dead
        .filter(({ command }) => command.actor === actor)
        .toSorted((a, b) => b.diedAt - a.diedAt)
        .slice(0, limit),
  }
}
