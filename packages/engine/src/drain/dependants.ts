import { isCreation } from '@holdfast/domain/entity-kinds'
import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'

/** The pending commands that cannot be applied since these are dead, each once, in order of arrival; none of the dead themselves. */
export function dependantsOf(dead: readonly PendingCommand[], buffer: CommandBuffer): readonly PendingCommand[] {
  const found = new Map(dead.flatMap((one) => dependantsOfOne(one, buffer)).map((one) => [one.sequence, one]))
  for (const { sequence } of dead) found.delete(sequence)
  return [...found.values()].toSorted((a, b) => a.sequence - b.sequence)
}

/**
 * Up to the next creation on the row, which begins anew: behind a creation all; behind another those that name a version, since it
 * is one that will never be.
 */
function dependantsOfOne({ command, sequence }: PendingCommand, buffer: CommandBuffer): readonly PendingCommand[] {
  // A user and their preferences have one id, and nothing else in common.
  const later = buffer.ofEntity(command.entity).filter((one) => one.sequence > sequence && one.command.kind === command.kind)
  const next = later.findIndex((one) => isCreation(one.command))
  const generation = next === -1 ? later : later.slice(0, next)
  return isCreation(command) ? generation : generation.filter((one) => one.command.baseVersion !== null)
}
