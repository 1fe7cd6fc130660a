import type { TaskRow } from '@holdfast/domain/task'
import type { TaskQuery, TaskRepository } from '@holdfast/usecases/ports/task-repository'
import { and, eq, sql } from 'drizzle-orm'
import { tasks } from '../schema/tasks.ts'
import { restoreDue } from '../store/entity-tables.ts'
import { reading, type ReadDatabase } from './read-database.ts'
import { taskPage, type DueSegment } from './task-page.ts'
import { uuidArray } from './uuid-array.ts'

function taskRow({ dueAt, dueZone, ...stored }: typeof tasks.$inferSelect): TaskRow {
  return { ...stored, due: restoreDue(dueAt, dueZone) } as unknown as TaskRow
}

/** Tasks, read from the database. */
export function createTaskRepository(database: ReadDatabase): TaskRepository {
  const page = async (query: TaskQuery, segment: DueSegment | null = null): Promise<readonly TaskRow[]> =>
    (await reading(taskPage(database, query, segment))).map(taskRow)

  /** Those with a due, then those without: the second is asked only for what the first left of the page. */
  const pageByDue = async (query: TaskQuery): Promise<readonly TaskRow[]> => {
    const { after, limit, filters } = query
    const isInUndated = after !== null && after.value === null
    const dated = isInUndated ? [] : await page(query, 'dated')
    const hasDueRange = filters.dueFrom !== null || filters.dueBefore !== null
    if (dated.length === limit || hasDueRange) return dated
    const undated = await page({ ...query, after: isInUndated ? after : null, limit: limit - dated.length }, 'undated')
    return [...dated, ...undated]
  }
  return {
    async find(owner, id) {
      const [stored] = await reading(
        database
          .select()
          .from(tasks)
          .where(and(eq(tasks.id, id), eq(tasks.owner, owner))),
      )
      return stored === undefined ? null : taskRow(stored)
    },
    async findAll(owner, ids) {
      const stored = await reading(
        database
          .select()
          .from(tasks)
          .where(and(sql`${tasks.id} = any(${uuidArray(ids)}::uuid[])`, eq(tasks.owner, owner))),
      )
      return stored.map(taskRow)
    },
    list: (query) => (query.sort === 'due' || query.sort === '-due' ? pageByDue(query) : page(query)),
  }
}
