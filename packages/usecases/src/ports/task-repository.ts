import type { TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskPriority, TaskRow, TaskStatus } from '@holdfast/domain/task'
import type { TaskSort } from '@holdfast/domain/task-sort'

/** Which of the owner’s tasks are meant: those that every filter lets through. An empty list or `null` lets all through. */
export interface TaskFilters {
  readonly statuses: readonly TaskStatus[]
  readonly priorities: readonly TaskPriority[]
  /** All of them must be on the task. */
  readonly labels: readonly string[]
  /** Milliseconds since 1970, from (inclusive) and before (exclusive). A whole day counts as its midnight in UTC; no due as none. */
  readonly dueFrom: number | null
  readonly dueBefore: number | null
  /**
   * Part of the title or of the description, whatever the case: characters are the same if Unicode’s simple case folding (status C and
   * S) makes them so, as in JavaScript’s /…/iu. So ß is ẞ and not ss, and the Turkish ı and İ are themselves alone. Nothing is normalised.
   */
  readonly text: string | null
}

/** Where a page of a list ended: its last task’s value under the sort key (`sortValueOf`), and its id. */
export interface TaskPosition {
  readonly value: number | string | null
  readonly id: TaskId
}

export interface TaskQuery {
  readonly owner: UserId
  readonly sort: TaskSort
  readonly filters: TaskFilters
  readonly after: TaskPosition | null
  /** 1 to 101: the use case asks for one more than it shows. */
  readonly limit: number
}

/** Reads of tasks. Rejects with `StoreError`. Sees what was committed before the call began. */
export interface TaskRepository {
  /** The owner’s task, deleted or not; `null` if there is none, or it is somebody else’s. */
  find(owner: UserId, id: TaskId): Promise<TaskRow | null>
  /**
   * The owner’s live tasks in the order of the sort, equal ones by id in the same direction (by creation: in the other); without a due
   * last in both directions. So the order is total, and going on `after` a position neither repeats nor leaves out a task that
   * is not changed meanwhile, whatever happens to others.
   */
  list(query: TaskQuery): Promise<readonly TaskRow[]>
}
