import type { TaskId } from '@holdfast/domain/identifiers'
import { mergeTask } from '@holdfast/domain/merge-task'
import type { TaskCommand, TaskRow } from '@holdfast/domain/task'
import { passesFilters } from '@holdfast/domain/task-filters'
import { comparePositions, positionOf } from '@holdfast/domain/task-sort'
import { zeroStamp, type Stamp } from '@holdfast/domain/stamp'
import { StoreError } from '../ports/operation-store.ts'
import type { TaskRepository } from '../ports/task-repository.ts'

/** Tasks in memory, as the database has them. */
export interface TestTasks extends TaskRepository {
  readonly rows: Map<TaskId, TaskRow>
  /** What a command makes of its row, as the drain does it. */
  apply(command: TaskCommand, stamp?: Stamp): void
  isAway: boolean
  /** Waited for in each call, before it reads and after. */
  aroundRead: () => Promise<void> | void
}

export function createTestTasks(): TestTasks {
  const rows = new Map<TaskId, TaskRow>()
  const answer = async <Found>(read: () => Found): Promise<Found> => {
    if (repository.isAway) throw new StoreError('unavailable')
    await repository.aroundRead()
    const found = read()
    await repository.aroundRead()
    return found
  }
  const repository: TestTasks = {
    rows,
    isAway: false,
    aroundRead: () => undefined,
    apply(command, stamp = zeroStamp) {
      const { row } = mergeTask(rows.get(command.entity) ?? null, command, stamp, 'drained')
      if (row !== null) rows.set(command.entity, row)
    },
    find: (owner, id) => answer(() => [rows.get(id)].find((row) => row?.owner === owner) ?? null),
    findAll: (owner, ids) => answer(() => [...rows.values()].filter((row) => row.owner === owner && ids.includes(row.id))),
    list({ owner, sort, filters, after, except = [], limit }) {
      const compare = comparePositions(sort)
      const place = (row: TaskRow) => positionOf(row, sort)
      return answer(() =>
        [...rows.values()]
          .filter((row) => row.owner === owner && !row.isDeleted && !except.includes(row.id) && passesFilters(filters)(row))
          .filter((row) => after === null || compare(place(row), after) > 0)
          .toSorted((a, b) => compare(place(a), place(b)))
          .slice(0, limit),
      )
    },
  }
  return repository
}
