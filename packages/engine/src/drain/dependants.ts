import { isCreation } from '@holdfast/domain/entity-kinds'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'

/** A pending command that will never be applied, and why. */
export interface Doomed {
  readonly pending: PendingCommand
  readonly reason: ErrorCode
}

/** These and all that depends on them, each once, in order of arrival. */
export function withDependants(doomed: readonly Doomed[], buffer: CommandBuffer): readonly Doomed[] {
  const found = new Map(doomed.map((one) => [one.pending.sequence, one]))
  for (const one of found.values())
    for (const pending of dependantsOf(one.pending, buffer))
      if (!found.has(pending.sequence)) found.set(pending.sequence, { pending, reason: 'WRITE_PREDECESSOR_FAILED' })
  return [...found.values()].toSorted((a, b) => a.pending.sequence - b.pending.sequence)
}

/**
 * What cannot be applied once a command is dead: of a creation, the later commands on its row up to another creation; of
 * another, the later ones that name a version, since it is one that will never be.
 */
function dependantsOf(dead: PendingCommand, buffer: CommandBuffer): readonly PendingCommand[] {
  const { entity, kind } = dead.command
  // A user and their preferences have one id, and nothing else in common.
  const later = buffer.ofEntity(entity).filter((one) => one.sequence > dead.sequence && one.command.kind === kind)
  if (!isCreation(dead.command)) return later.filter(({ command }) => command.baseVersion !== null)
  const next = later.findIndex(({ command }) => isCreation(command))
  return next === -1 ? later : later.slice(0, next)
}
