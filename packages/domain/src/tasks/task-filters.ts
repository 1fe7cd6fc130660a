import type { TaskPriority, TaskRow, TaskStatus } from './task.ts'
import { sortValueOf } from './task-sort.ts'

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

/** Whether a task passes the filters, as the database judges it: for tasks that are not all in the database yet. */
export function passesFilters({ statuses, priorities, labels, dueFrom, dueBefore, text }: TaskFilters): (task: TaskRow) => boolean {
  const pattern = text === null ? null : new RegExp(RegExp.escape(text), 'iu')
  return (task) => {
    const due = sortValueOf(task, 'due')
    return (
      (statuses.length === 0 || statuses.includes(task.status)) &&
      (priorities.length === 0 || priorities.includes(task.priority)) &&
      labels.every((label) => task.labels.includes(label)) &&
      (dueFrom === null || (due !== null && Number(due) >= dueFrom)) &&
      (dueBefore === null || (due !== null && Number(due) < dueBefore)) &&
      (pattern === null || pattern.test(task.title) || pattern.test(task.description))
    )
  }
}
