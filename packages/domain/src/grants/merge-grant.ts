import type { Delivery, Merged } from '../entities/entity.ts'
import { highestStamp } from '../registers/row-clock.ts'
import { laterStamp, type Stamp } from '../stamps/stamp.ts'
import type { GrantCommand, GrantRow } from './grant.ts'

/** What a command does to a grant: the last of granting and revoking wins by stamp. */
export function mergeGrant(row: GrantRow | null, command: GrantCommand, stamp: Stamp, _delivery: Delivery): Merged<GrantRow> {
  const known = row === null ? null : highestStamp(row.clock)
  const wins = known === null || stamp > known
  const merged: GrantRow = {
    id: command.entity,
    user: command.user,
    role: command.role,
    revision: (row?.revision ?? 0) + 1,
    lastOperation: command.operationId,
    clock: JSON.stringify([laterStamp(known, stamp)]),
    isGranted: wins ? command.name === 'roles.grant' : (row?.isGranted ?? false),
    updatedAt: Math.max(row?.updatedAt ?? 0, command.acceptedAt),
  }
  return { row: merged, outcome: { kind: 'applied' }, lost: [] }
}
