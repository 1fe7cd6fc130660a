import { stale, type Delivery, type LostValue, type Merged } from '../entities/entity.ts'
import { versionOf } from '../operations/version.ts'
import { decodeClock, encodeClock } from '../registers/row-clock.ts'
import type { Stamp } from '../stamps/stamp.ts'
import type { ProfileCommand, ProfileRow } from './profile.ts'

const registers = ['locale', 'timeZone', 'theme', 'weekStart', 'notifications'] as const

/** What a command does to a profile: last writer by stamp wins for each preference; the first write makes the row. */
export function mergeProfile(row: ProfileRow | null, command: ProfileCommand, stamp: Stamp, delivery: Delivery): Merged<ProfileRow> {
  if (command.baseVersion !== null && command.baseVersion !== versionOf(row)) return stale(row, delivery)
  const written = { lastOperation: command.operationId, updatedAt: Math.max(row?.updatedAt ?? 0, command.acceptedAt) }
  if (row === null) {
    const made: ProfileRow = { ...command.fields, ...written, id: command.entity, revision: 1, clock: JSON.stringify([stamp]) }
    return { row: made, outcome: { kind: 'applied' }, lost: [] }
  }
  const stamps = { ...decodeClock(registers, row.clock).registers }
  const fields: Record<string, unknown> = {}
  const lost: LostValue[] = []
  for (const field of registers) {
    const value = command.fields[field]
    if (stamp > stamps[field]) {
      stamps[field] = stamp
      fields[field] = value
    } else if (stamp < stamps[field] && JSON.stringify(value) !== JSON.stringify(row[field])) lost.push({ field, value, stamp })
  }
  const merged = {
    ...row,
    ...fields,
    ...written,
    revision: row.revision + 1,
    clock: encodeClock(registers, { registers: stamps, labels: {} }),
  }
  const isConflicted = delivery === 'drained' && lost.length > 0
  return { row: merged, outcome: isConflicted ? { kind: 'conflicted', code: null } : { kind: 'applied' }, lost }
}
