import type { WriteOptions } from '@holdfast/contract/write-options'
import type { Written } from '@holdfast/usecases/commands/written'
import type { TaskRow } from '@holdfast/domain/task'
import type { Page } from '@holdfast/usecases/pages/page'
import type { Overlaid } from '@holdfast/usecases/pending/overlay'
import type { ProfileRow } from '@holdfast/domain/profile'
import { versionOf } from '@holdfast/domain/version'

/** A time as the contract has it. */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A page of a list, its items by `itemOf`. */
export const pageOf = <Row, Item>({ rows, nextCursor, source, asOf, isPartial }: Page<Row>, itemOf: (row: Row) => Item) => ({
  items: rows.map(itemOf),
  nextCursor,
  consistency: { source, asOf: timestamp(asOf), partial: isPartial },
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

/** A task as it is read, and as a committed write answers: the same bytes for the same row, on which replays rely. */
const taskAs = <Durability extends Overlaid<TaskRow>['durability']>(row: TaskRow, durability: Durability) => ({
  id: row.id,
  ...taskFields(row),
  durability,
  operationId: row.lastOperation,
})

/** A task as it is read. */
export const taskOf = ({ row, durability }: Overlaid<TaskRow>) => taskAs(row, durability)

/** What every write says beside its output. The replay of what is pending was buffered when its caller did not mind yet. */
export const writeFacts = (
  { durability, isReplay, consistencyToken }: Pick<Written<'task'>, 'durability' | 'isReplay' | 'consistencyToken'>,
  write: WriteOptions,
) => ({
  isReplay,
  consistencyToken,
  preferencesApplied: [
    ...(write.durability === 'committed' && durability === 'committed' ? ['durability=committed'] : []),
    ...(write.waitSeconds === undefined ? [] : [`wait=${write.waitSeconds}`]),
  ],
})

/** What a write of a task answers. */
export function writtenTask(written: Written<'task'>, id: string, write: WriteOptions) {
  const { operationId, row } = written
  const facts = writeFacts(written, write)
  if (written.durability === 'committed') return { output: taskAs(written.row, 'committed'), ...facts }
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

/** A profile as it is read, and as a committed write answers. */
export const profileOf = <Durability extends Overlaid<ProfileRow>['durability']>(row: ProfileRow, durability: Durability) => ({
  id: row.id,
  ...profileFields(row),
  durability,
  operationId: row.lastOperation,
})

/** What a write of a profile answers. */
export function writtenProfile(written: Written<'profile'>, id: string, write: WriteOptions) {
  const { operationId, row } = written
  const facts = writeFacts(written, write)
  if (written.durability === 'committed') return { output: profileOf(written.row, 'committed'), ...facts }
  return { output: { id, operationId, durability: 'buffered' as const, ...(row && profileFields(row)) }, ...facts }
}
