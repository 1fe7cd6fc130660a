import { withSql } from '@holdfast/acceptance/with-sql'
import type { Acknowledgement } from './keyed-writers.ts'

export interface TaskAudit {
  readonly tasks: number
  readonly operations: number
  /** What should not be, as sentences. */
  readonly problems: readonly string[]
}

/**
 * Holds the tables against what was acknowledged, in a database where tasks were created under keys and nothing else was done: every task
 * whose title begins with `run` is there once under the acknowledged id, and each has one operation; and that one its kept answer, if it was
 * committed by its caller's own request and not by the drain.
 */
export const auditTasks = (databaseUrl: string, run: string, acknowledged: ReadonlyMap<string, Acknowledgement>): Promise<TaskAudit> =>
  withSql(databaseUrl, async (sql) => {
    const stored = await sql<{ id: string; title: string }[]>`select id, title from tasks where starts_with(title, ${`${run}-`})`
    const [sums] = await sql<Record<string, number>[]>`
      select
        (select count(*) from operations where kind = 'task')::int as "operations",
        (select count(*) from tasks t where t.revision <> 1 or t.is_deleted)::int as "tasks that were changed",
        (select count(*) from tasks t where not exists (select from operations o where o.id = t.last_operation and o.entity = t.id))::int
          as "tasks without their operation",
        (select count(*) from operations o where o.kind = 'task' and not exists (select from tasks t where t.id = o.entity))::int
          as "operations without their task",
        (select count(*) from operations o where o.kind = 'task' and o.outcome <> 'applied')::int as "operations that were not applied",
        (select count(*) from (select from operations where kind = 'task' group by entity having count(*) > 1) as several)::int
          as "tasks with several operations",
        (select count(*) from operations o where o.kind = 'task' and
          (select count(*) from operation_responses r where r.operation = o.id) <> (o.acknowledged_as = 'committed')::int)::int
          as "operations that were committed without one kept answer, or drained with one",
        (select count(*) from operation_responses r where not exists (select from operations o where o.id = r.operation))::int
          as "kept answers without their operation"`
    const { operations = 0, ...wrong } = sums ?? {}
    return {
      tasks: stored.length,
      operations,
      problems: [
        ...Object.entries(wrong).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`])),
        ...contradictions(stored, acknowledged),
      ],
    }
  })

const mostExamples = 5

function contradictions(
  stored: readonly { id: string; title: string }[],
  acknowledged: ReadonlyMap<string, Acknowledgement>,
): readonly string[] {
  const ids = new Map(stored.map(({ id, title }) => [title, id]))
  const found = [
    ...(ids.size === stored.length ? [] : [`${stored.length - ids.size} tasks are there twice`]),
    ...[...acknowledged].filter(([title, { id }]) => ids.get(title) !== id).map(([title]) => `${title} was acknowledged and is not there`),
    ...[...ids.keys()].filter((title) => !acknowledged.has(title)).map((title) => `${title} is there and was never acknowledged`),
  ]
  return found.length <= mostExamples ? found : [...found.slice(0, mostExamples), `and ${found.length - mostExamples} more of these`]
}
