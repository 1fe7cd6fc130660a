import type { CommandHeader, EntityRow } from '../entities/entity.ts'
import type { TaskId, UserId } from '../identifiers/identifiers.ts'

export const taskStatuses = ['todo', 'in_progress', 'done', 'cancelled'] as const
export type TaskStatus = (typeof taskStatuses)[number]

export const taskPriorities = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type TaskPriority = (typeof taskPriorities)[number]

/** A whole day anywhere (`YYYY-MM-DD`), or an instant (ISO 8601, UTC, milliseconds) with the IANA zone that it was meant in. */
export type Due = { readonly date: string } | { readonly instant: string; readonly zone: string }

/** The limits of a task, in characters (UTF-16 units, as JSON Schema’s and Zod’s lengths are) and items. */
export const taskLimits = { titleLength: 500, descriptionLength: 20_000, labels: 50, labelLength: 50, positionLength: 100 } as const

/** What a caller may set. `position` is a fractional sort key, compared by code point. */
export interface TaskFields {
  readonly title: string
  readonly description: string
  readonly status: TaskStatus
  readonly priority: TaskPriority
  readonly due: Due | null
  readonly position: string
  /** Without repeats, in order of code points. */
  readonly labels: readonly string[]
}

export interface TaskRow extends EntityRow, TaskFields {
  readonly id: TaskId
  readonly owner: UserId
  readonly isDeleted: boolean
  /** Milliseconds since 1970, each. */
  readonly createdAt: number
  readonly updatedAt: number
  /** When the status that stands was set, if that is `done`. */
  readonly completedAt: number | null
}

interface TaskCommandHeader extends CommandHeader {
  readonly kind: 'task'
  readonly entity: TaskId
}

/** One change of one task. `replace` sets every field, `patch` those given. */
export type TaskCommand = TaskCommandHeader &
  (
    | { readonly name: 'tasks.create'; readonly fields: TaskFields }
    | { readonly name: 'tasks.replace'; readonly fields: TaskFields }
    | {
        readonly name: 'tasks.patch'
        readonly fields: Partial<TaskFields>
        readonly addLabels?: readonly string[]
        readonly removeLabels?: readonly string[]
      }
    | { readonly name: 'tasks.delete' }
    | { readonly name: 'tasks.restore' }
  )
