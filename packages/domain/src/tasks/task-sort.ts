import { taskPriorities, type Due, type TaskRow } from './task.ts'

/** What tasks can be listed by: each ascending, and descending with a minus before it. */
export const taskSorts = [
  'created',
  '-created',
  'updated',
  '-updated',
  'due',
  '-due',
  'position',
  '-position',
  'priority',
  '-priority',
] as const
export type TaskSort = (typeof taskSorts)[number]
export type TaskSortKey = Exclude<TaskSort, `-${string}`>

/** A sort’s key and its direction. */
export const partsOfSort = (sort: TaskSort): { readonly key: TaskSortKey; readonly isDescending: boolean } => ({
  key: sort.replace('-', '') as TaskSortKey,
  isDescending: sort.startsWith('-'),
})

/** Where a due stands in time, in milliseconds since 1970: a whole day at its midnight in UTC. */
const dueTimeOf = (due: Due): number => Date.parse('date' in due ? due.date : due.instant)

/**
 * A task’s value under a sort key: milliseconds since 1970; a position, compared by code point; a priority’s urgency, 0 to 4;
 * `null` for a task without due.
 */
export function sortValueOf(task: TaskRow, key: TaskSortKey): number | string | null {
  switch (key) {
    case 'created':
      return task.createdAt
    case 'updated':
      return task.updatedAt
    case 'due':
      return task.due === null ? null : dueTimeOf(task.due)
    case 'position':
      return task.position
    case 'priority':
      return taskPriorities.indexOf(task.priority)
  }
}
