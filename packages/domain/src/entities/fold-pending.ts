import type { Stamp } from '../stamps/stamp.ts'
import type { Merge } from './entity.ts'
import { merges, type CommandOf, type EntityKind, type RowOf } from './entity-kinds.ts'

/**
 * The row as it will be once these commands on it are drained, as far as one can tell: each is merged, in order, as the drain
 * would. A command that would have no effect changes nothing. `null` where there is no row to begin from.
 */
export function foldPending<Kind extends EntityKind>(
  kind: Kind,
  row: RowOf<Kind> | null,
  pending: readonly { readonly command: CommandOf<Kind>; readonly stamp: Stamp }[],
): RowOf<Kind> | null {
  const merge = merges[kind] as Merge<RowOf<Kind>, CommandOf<Kind>>
  let folded = row
  for (const { command, stamp } of pending) {
    if (folded?.lastOperation === command.operationId) continue
    folded = merge(folded, command, stamp, 'drained').row
  }
  return folded
}
