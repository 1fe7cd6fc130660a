import type { TaskId } from '@holdfast/domain/identifiers'
import type { TaskRow } from '@holdfast/domain/task'
import { passesFilters } from '@holdfast/domain/task-filters'
import { comparePositions, positionOf } from '@holdfast/domain/task-sort'
import { overlay, type Overlaid } from '../pending/overlay.ts'
import { pendingEntities } from '../pending/pending-entities.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { TaskQuery, TaskRepository } from '../ports/task-repository.ts'

interface Dependencies {
  readonly pending: PendingCommands
  readonly tasks: TaskRepository
}

/**
 * The owner’s live tasks as `TaskRepository.list` has them, with what waits here laid over them: each where it belongs with its new
 * fields, if it passes the filters with them. `isWhole`: nothing that waits was left out.
 *
 * Tasks for which something waits are left out of the database’s page and put in by hand, so that none is shown twice or not at all:
 * neither on this page, nor on the next, when what waited may be in the database, at the very place where it was shown.
 */
export async function overlaidTasks(
  { pending, tasks }: Dependencies,
  query: TaskQuery,
): Promise<{ readonly rows: readonly Overlaid<TaskRow>[]; readonly isWhole: boolean }> {
  const { owner, sort, filters, after, limit } = query
  const { waiting, isWhole } = pendingEntities(pending, 'task', owner)
  if (waiting.size === 0) return { rows: (await tasks.list(query)).map(committed), isWhole }

  const ids = [...waiting.keys()] as TaskId[]
  const [stored, others] = await Promise.all([tasks.findAll(owner, ids), tasks.list({ ...query, except: ids })])
  const storedById = new Map(stored.map((row) => [row.id, row]))
  const compare = comparePositions(sort)
  const passes = passesFilters(filters)
  const isMeant = ({ row }: Overlaid<TaskRow>): boolean =>
    row.owner === owner && !row.isDeleted && passes(row) && (after === null || compare(positionOf(row, sort), after) > 0)
  const changed = ids
    .map((id) => overlay('task', storedById.get(id) ?? null, waiting.get(id) ?? []))
    .filter((seen) => seen !== null)
    .filter(isMeant)
  const rows = [...others.map(committed), ...changed]
    .toSorted((a, b) => compare(positionOf(a.row, sort), positionOf(b.row, sort)))
    .slice(0, limit)
  return { rows, isWhole }
}

const committed = (row: TaskRow): Overlaid<TaskRow> => ({ row, durability: 'committed' })
