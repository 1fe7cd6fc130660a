import { byCodePoint } from '@holdfast/domain/label-set'
import type { Due, TaskFields } from '@holdfast/domain/task'

/** A due as a caller gives it: the instant with any offset and precision. */
export type DueInput = Due

/** The one stored form of a due: an instant in UTC, to the millisecond. */
export const normalDue = (due: DueInput | null): Due | null =>
  due === null || 'date' in due ? due : { instant: new Date(due.instant).toISOString(), zone: due.zone }

/** The one stored form of a set of labels: without repeats, in order of code points. */
export const normalLabels = (labels: readonly string[]): readonly string[] => [...new Set(labels)].toSorted(byCodePoint)

/** The stored form of all fields. */
export const normalFields = (fields: TaskFields): TaskFields => ({
  title: fields.title,
  description: fields.description,
  status: fields.status,
  priority: fields.priority,
  due: normalDue(fields.due),
  position: fields.position,
  labels: normalLabels(fields.labels),
})
