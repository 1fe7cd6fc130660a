import { fingerprintOf } from '@holdfast/domain/fingerprint'
import type { TaskId } from '@holdfast/domain/identifiers'
import { taskPriorities, taskStatuses, type TaskPriority, type TaskRow, type TaskStatus } from '@holdfast/domain/task'
import { partsOfSort, sortValueOf, type TaskSort, type TaskSortKey } from '@holdfast/domain/task-sort'
import { authoriseMember } from '../authorise.ts'
import { cutPage, type Page, type PageRequest } from '../pages/page.ts'
import type { Actor } from '../ports/actor.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { PageCache } from '../ports/page-cache.ts'
import type { TaskFilters, TaskPosition, TaskRepository } from '../ports/task-repository.ts'
import { normalLabels } from './task-fields.ts'

interface Dependencies {
  readonly cursors: Cursors
  readonly pages: PageCache
  readonly tasks: TaskRepository
}

export interface TaskListInput extends PageRequest {
  readonly sort: TaskSort
  readonly status?: readonly TaskStatus[] | undefined
  readonly priority?: readonly TaskPriority[] | undefined
  readonly label?: readonly string[] | undefined
  /** Dates (`YYYY-MM-DD`) or instants (ISO 8601 with an offset). */
  readonly dueFrom?: string | undefined
  readonly dueBefore?: string | undefined
  readonly text?: string | undefined
}

/**
 * A page of the actor’s live tasks. `consistencyTokens`: of the writes that it must see.
 * Errors: `REQUEST_INVALID` for a cursor that is not of this list, sort and filters.
 */
export const listTasks =
  ({ cursors, pages, tasks }: Dependencies) =>
  async (actor: Actor, input: TaskListInput, consistencyTokens: readonly string[]): Promise<Page<TaskRow>> => {
    const { userId: owner } = authoriseMember(actor, 'task:read:own')
    const { sort, limit } = input
    const filters = filtersOf(input)
    const purpose = () => `tasks ${fingerprintOf('tasks.list', { sort, filters })}`
    const after = input.cursor === undefined ? null : positionIn(cursors.open(purpose(), owner, input.cursor))
    const query = { owner, sort, filters, after, limit: limit + 1 }
    const { page, source, asOf } = await pages.read(owner, pageKey('tasks.list', query), consistencyTokens, async () =>
      cutPage(await tasks.list(query), limit, (last) => cursors.seal(purpose(), owner, positionOf(last, partsOfSort(sort).key))),
    )
    return { ...page, source, asOf }
  }

/** Names a query and all of its parameters, each in one form: two queries with one key have one answer. */
const pageKey = (list: string, query: object): string => JSON.stringify([list, query])

/** One form for one meaning: in order, without repeats, times in milliseconds. */
const filtersOf = (input: TaskListInput): TaskFilters => ({
  statuses: taskStatuses.filter((status) => input.status?.includes(status)),
  priorities: taskPriorities.filter((priority) => input.priority?.includes(priority)),
  labels: normalLabels(input.label ?? []),
  dueFrom: input.dueFrom === undefined ? null : Date.parse(input.dueFrom),
  dueBefore: input.dueBefore === undefined ? null : Date.parse(input.dueBefore),
  text: input.text ?? null,
})

/** A cursor knows no null: without a due it holds the id alone. */
function positionOf(task: TaskRow, key: TaskSortKey): Record<string, string | number> {
  const value = sortValueOf(task, key)
  return value === null ? { id: task.id } : { value, id: task.id }
}

const positionIn = ({ value, id }: Readonly<Record<string, string | number>>): TaskPosition => ({
  value: value ?? null,
  id: String(id) as TaskId,
})
