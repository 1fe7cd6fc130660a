import { fingerprintOf } from '@holdfast/domain/fingerprint'
import type { TaskId } from '@holdfast/domain/identifiers'
import { taskPriorities, taskStatuses, type TaskPriority, type TaskRow, type TaskStatus } from '@holdfast/domain/task'
import type { TaskFilters } from '@holdfast/domain/task-filters'
import { positionOf, type TaskPosition, type TaskSort } from '@holdfast/domain/task-sort'
import { authoriseMember } from '../authorise.ts'
import { cutPage, type Page, type PageRequest } from '../pages/page.ts'
import type { Overlaid } from '../pending/overlay.ts'
import type { Actor } from '../ports/actor.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { PageCache } from '../ports/page-cache.ts'
import type { TaskRepository } from '../ports/task-repository.ts'
import { overlaidTasks } from './overlaid-tasks.ts'
import { normalLabels } from './task-fields.ts'

interface Dependencies {
  readonly cursors: Cursors
  readonly pages: PageCache
  readonly pending: PendingCommands
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
 * A page of the actor’s live tasks, with what waits for them here. `consistencyTokens`: of the writes that it must see.
 * Errors: `REQUEST_INVALID` for a cursor that is not of this list, sort and filters.
 */
export const listTasks =
  (dependencies: Dependencies) =>
  async (actor: Actor, input: TaskListInput, consistencyTokens: readonly string[]): Promise<Page<Overlaid<TaskRow>>> => {
    const { cursors, pages } = dependencies
    const { userId: owner } = authoriseMember(actor, 'task:read:own')
    const { sort, limit } = input
    const filters = filtersOf(input)
    const purpose = () => `tasks ${fingerprintOf('tasks.list', { sort, filters })}`
    const after = input.cursor === undefined ? null : positionIn(cursors.open(purpose(), owner, input.cursor))
    const query = { owner, sort, filters, after, limit: limit + 1 }
    // What waits is part of the page: whoever submits, and the drain after each batch, raises the owner’s pages.
    const { page, source, asOf } = await pages.read(owner, pageKey('tasks.list', query), consistencyTokens, async () => {
      const { rows, isWhole } = await overlaidTasks(dependencies, query)
      const cursorAfter = (last: Overlaid<TaskRow>) => cursors.seal(purpose(), owner, sealedPosition(positionOf(last.row, sort)))
      return { ...cutPage(rows, limit, cursorAfter), isPartial: !isWhole }
    })
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
const sealedPosition = ({ value, id }: TaskPosition): Record<string, string | number> => (value === null ? { id } : { value, id })

const positionIn = ({ value, id }: Readonly<Record<string, string | number>>): TaskPosition => ({
  value: value ?? null,
  id: String(id) as TaskId,
})
