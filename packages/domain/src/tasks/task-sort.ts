import type { TaskId } from '../identifiers/identifiers.ts'
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

/** Where a task stands in a list: its value under the sort key, and its id. */
export interface TaskPosition {
  readonly value: number | string | null
  readonly id: TaskId
}

/** Where a task stands in a list by this sort. */
export const positionOf = (task: TaskRow, sort: TaskSort): TaskPosition => ({
  value: sortValueOf(task, partsOfSort(sort).key),
  id: task.id,
})

/**
 * The order of a sort, as the database has it: equal ones by id in the same direction (by creation: in the other), those without a
 * due last in both.
 */
export function comparePositions(sort: TaskSort): (a: TaskPosition, b: TaskPosition) => number {
  const { key, isDescending } = partsOfSort(sort)
  const direction = isDescending ? -1 : 1
  const idDirection = key === 'created' ? -direction : direction
  return (a, b) => {
    if (a.value === b.value) return a.id === b.id ? 0 : (a.id < b.id ? -1 : 1) * idDirection
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1
    return (a.value < b.value ? -1 : 1) * direction
  }
}
