import type { AnyCommand, CommandOf, EntityKind, RowOf } from '@holdfast/domain/entity-kinds'
import { foldPending } from '@holdfast/domain/fold-pending'
import type { UserId } from '@holdfast/domain/identifiers'
import type { Stamp } from '@holdfast/domain/stamp'
import type { PendingCommand, PendingCommands } from '../ports/command-buffer.ts'

/** A row as it is read here. `buffered`: commands that wait at this instance made it so; it is not so in the database yet. */
export interface Overlaid<Row> {
  readonly row: Row
  readonly durability: 'committed' | 'buffered'
}

/** A waiting command of one entity kind. */
export interface Waiting<Kind extends EntityKind> {
  readonly command: CommandOf<Kind>
  readonly stamp: Stamp
}

/**
 * The commands that wait for one entity, in order. Whoever reads the row as well reads this **first**: a command leaves the buffer only
 * once it is in the database, so that it is seen in one of the two; the other way round it could be missed in both.
 */
export const waitingFor = <Kind extends EntityKind>(pending: PendingCommands, kind: Kind, entity: string): readonly Waiting<Kind>[] =>
  pending.ofEntity(entity).filter(isOf(kind))

/** Whether a pending command is of this kind: a user and a profile have one id. */
export const isOf =
  <Kind extends EntityKind>(kind: Kind) =>
  (waiting: PendingCommand): waiting is PendingCommand & { readonly command: CommandOf<Kind> } =>
    (waiting.command as AnyCommand).kind === kind

/** The row with what waits laid over it; `null` where there is none even so. */
export function overlay<Kind extends EntityKind>(
  kind: Kind,
  row: RowOf<Kind> | null,
  waiting: readonly Waiting<Kind>[],
): Overlaid<RowOf<Kind>> | null {
  // What was applied since the buffer was read, and all before it, is in the row.
  const applied = waiting.findLastIndex(({ command }) => command.operationId === row?.lastOperation)
  const folded = foldPending(kind, row, waiting.slice(applied + 1))
  if (folded === null) return null
  return { row: folded, durability: folded === row ? 'committed' : 'buffered' }
}

/** Whether what waits begins with the making of the row by this user: then it is known in full, without the database. */
export const beginsWith = <Kind extends EntityKind>(
  name: CommandOf<Kind>['name'],
  user: UserId,
  [first]: readonly Waiting<Kind>[],
): boolean => first !== undefined && first.command.name === name && first.command.actor === user
