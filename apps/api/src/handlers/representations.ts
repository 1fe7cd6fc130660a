import type { WriteOptions } from '@holdfast/contract/write-options'
import type { Written } from '@holdfast/usecases/commands/written'
import type { TaskRow } from '@holdfast/domain/task'
import type { Page } from '@holdfast/usecases/pages/page'
import type { ProfileRow } from '@holdfast/domain/profile'
import { versionOf } from '@holdfast/domain/version'

/** A time as the contract has it. */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A page of a list, its items by `itemOf`. */
export const pageOf = <Row, Item>({ rows, nextCursor, source, asOf }: Page<Row>, itemOf: (row: Row) => Item) => ({
  items: rows.map(itemOf),
  nextCursor,
  consistency: { source, asOf: timestamp(asOf), partial: false },
})

const taskFields = (row: TaskRow) => ({
  title: row.title,
  description: row.description,
  status: row.status,
  priority: row.priority,
  due: row.due,
  position: row.position,
  labels: [...row.labels],
  createdAt: timestamp(row.createdAt),
  updatedAt: timestamp(row.updatedAt),
  completedAt: row.completedAt === null ? null : timestamp(row.completedAt),
  version: versionOf(row),
})

/** A task as it is read: the same bytes for the same row, on which replays rely. */
export const taskOf = (row: TaskRow) => ({
  id: row.id,
  ...taskFields(row),
  durability: 'committed' as const,
  operationId: row.lastOperation,
})

/** What every write says beside its output. A write that was answered has kept to the durability that its caller asked for. */
export const writeFacts = (
  { isReplay, consistencyToken }: Pick<Written<'task'>, 'isReplay' | 'consistencyToken'>,
  write: WriteOptions,
) => ({
  isReplay,
  consistencyToken,
  preferencesApplied: write.durability === 'committed' ? ['durability=committed'] : [],
})

/** What a write of a task answers. */
export function writtenTask(written: Written<'task'>, id: string, write: WriteOptions) {
  const { operationId, row } = written
  const facts = writeFacts(written, write)
  if (written.durability === 'committed') return { output: taskOf(written.row), ...facts }
  return { output: { id, operationId, durability: 'buffered' as const, ...(row && taskFields(row)) }, ...facts }
}

const profileFields = (row: ProfileRow) => ({
  locale: row.locale,
  timeZone: row.timeZone,
  theme: row.theme,
  weekStart: row.weekStart,
  notifications: row.notifications,
  version: versionOf(row),
})

/** A profile as it is read. */
export const profileOf = (row: ProfileRow) => ({
  id: row.id,
  ...profileFields(row),
  durability: 'committed' as const,
  operationId: row.lastOperation,
})

/** What a write of a profile answers. */
export function writtenProfile(written: Written<'profile'>, id: string, write: WriteOptions) {
  const { operationId, row } = written
  const facts = writeFacts(written, write)
  if (written.durability === 'committed') return { output: profileOf(written.row), ...facts }
  return { output: { id, operationId, durability: 'buffered' as const, ...(row && profileFields(row)) }, ...facts }
}
