import type { Delivery, Merged } from '../entities/entity.ts'
import { highestStamp } from '../registers/row-clock.ts'
import { laterStamp, zeroStamp, type Stamp } from '../stamps/stamp.ts'
import type { UserCommand, UserRow } from './user.ts'

/** What a command does to a user: registering twice is registering once; the last of disabling and enabling wins by stamp. */
export function mergeUser(row: UserRow | null, command: UserCommand, stamp: Stamp, _delivery: Delivery): Merged<UserRow> {
  const known = row === null ? zeroStamp : highestStamp(row.clock)
  const isSwitch = command.name !== 'users.register'
  const wins = isSwitch && stamp > known
  const merged: UserRow = {
    id: command.entity,
    revision: (row?.revision ?? 0) + 1,
    lastOperation: command.operationId,
    // The register is the switch: registering must never outrank a disabling that arrives late.
    clock: JSON.stringify([isSwitch ? laterStamp(known, stamp) : known]),
    createdAt: Math.min(row?.createdAt ?? command.acceptedAt, command.acceptedAt),
    isDisabled: wins ? command.name === 'users.disable' : (row?.isDisabled ?? false),
    updatedAt: Math.max(row?.updatedAt ?? 0, command.acceptedAt),
  }
  return { row: merged, outcome: { kind: 'applied' }, lost: [] }
}
