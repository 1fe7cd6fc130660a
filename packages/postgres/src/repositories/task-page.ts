import type { TaskFilters } from '@holdfast/domain/task-filters'
import { partsOfSort, type TaskPosition, type TaskSortKey } from '@holdfast/domain/task-sort'
import type { TaskQuery } from '@holdfast/usecases/ports/task-repository'
import {
  and,
  arrayContains,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  not,
  or,
  sql,
  type SQL,
  type SQLWrapper,
} from 'drizzle-orm'
import { tasks, urgency } from '../schema/tasks.ts'
import { caseInsensitivePattern } from './case-insensitive-pattern.ts'
import type { ReadDatabase } from './read-database.ts'
import { uuidArray } from './uuid-array.ts'

/** What each sort compares: a column or an expression that has an index, after the owner and before the id. */
const sortExpressions = {
  created: tasks.createdAt,
  updated: tasks.updatedAt,
  due: tasks.dueAt,
  position: tasks.position,
  priority: urgency(tasks.priority),
} as const satisfies Record<TaskSortKey, SQLWrapper>
const timeKeys: readonly TaskSortKey[] = ['created', 'updated', 'due']

/** Tasks with and without a due are two lists, one after the other: no index has its nulls last in both directions. */
export type DueSegment = 'dated' | 'undated'

/**
 * One statement for a page: a range of one index, read in its order and no further than the limit. All that the text depends on is
 * the sort, which filters there are, and whether there is a position and an exception: so a connection prepares few statements.
 */
export function taskPage(
  database: ReadDatabase,
  { owner, sort, filters, after, except = [], limit }: TaskQuery,
  segment: DueSegment | null = null,
) {
  const { key, isDescending } = partsOfSort(sort)
  const expression = sortExpressions[key]
  const direction = isDescending ? desc : asc
  // The index by creation has its ids the other way round.
  const idDirection = (key === 'created') === isDescending ? asc : desc
  return database
    .select()
    .from(tasks)
    .where(
      and(
        eq(tasks.owner, owner),
        not(tasks.isDeleted),
        segment === null ? undefined : segment === 'dated' ? isNotNull(tasks.dueAt) : isNull(tasks.dueAt),
        after === null ? undefined : isAfter(key, isDescending, after),
        except.length === 0 ? undefined : sql`${tasks.id} <> all(${uuidArray(except)}::uuid[])`,
        ...conditionsOf(filters),
      ),
    )
    .orderBy(direction(expression), idDirection(tasks.id))
    .limit(limit)
}

function isAfter(key: TaskSortKey, isDescending: boolean, { value, id }: TaskPosition): SQL {
  const expression = sortExpressions[key]
  const beyond = isDescending ? sql`<` : sql`>`
  if (value === null) return sql`${tasks.id} ${beyond} ${id}`
  const sent = timeKeys.includes(key) ? new Date(value).toISOString() : value
  if (key !== 'created') return sql`(${expression}, ${tasks.id}) ${beyond} (${sent}, ${id})`
  const idBeyond = isDescending ? sql`>` : sql`<`
  return sql`(${expression} ${beyond}= ${sent} and (${expression} ${beyond} ${sent} or ${tasks.id} ${idBeyond} ${id}))`
}

function conditionsOf({ statuses, priorities, labels, dueFrom, dueBefore, text }: TaskFilters): readonly (SQL | undefined)[] {
  const pattern = text === null ? null : caseInsensitivePattern(text)
  return [
    statuses.length === 0 ? undefined : inArray(tasks.status, [...statuses]),
    priorities.length === 0 ? undefined : inArray(tasks.priority, [...priorities]),
    labels.length === 0 ? undefined : arrayContains(tasks.labels, [...labels]),
    dueFrom === null ? undefined : gte(tasks.dueAt, dueFrom),
    dueBefore === null ? undefined : lt(tasks.dueAt, dueBefore),
    pattern === null ? undefined : or(sql`${tasks.title} collate "C" ~ ${pattern}`, sql`${tasks.description} collate "C" ~ ${pattern}`),
  ]
}
