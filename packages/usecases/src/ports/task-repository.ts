import type { TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskRow } from '@holdfast/domain/task'
import type { TaskFilters } from '@holdfast/domain/task-filters'
import type { TaskPosition, TaskSort } from '@holdfast/domain/task-sort'

export interface TaskQuery {
  readonly owner: UserId
  readonly sort: TaskSort
  readonly filters: TaskFilters
  /** Where the page before ended. */
  readonly after: TaskPosition | null
  /** Tasks that are left out; at most 1,000. */
  readonly except?: readonly TaskId[]
  /** 1 to 101: the use case asks for one more than it shows. */
  readonly limit: number
}

/** Reads of tasks. Rejects with `StoreError`. Sees what was committed before the call began. */
export interface TaskRepository {
  /** The owner’s task, deleted or not; `null` if there is none, or it is somebody else’s. */
  find(owner: UserId, id: TaskId): Promise<TaskRow | null>
  /** Those of these that are the owner’s, deleted or not, in any order; at most 1,000. */
  findAll(owner: UserId, ids: readonly TaskId[]): Promise<readonly TaskRow[]>
  /**
   * The owner’s live tasks in the order of the sort, equal ones by id in the same direction (by creation: in the other); without a due
   * last in both directions. So the order is total, and going on `after` a position neither repeats nor leaves out a task that
   * is not changed meanwhile, whatever happens to others.
   */
  list(query: TaskQuery): Promise<readonly TaskRow[]>
}
