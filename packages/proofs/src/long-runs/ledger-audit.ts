import { isDeepStrictEqual } from 'node:util'
import { withSql } from '@holdfast/acceptance/with-sql'

/** A task as its writer knows it: the acknowledged operations, in order, and what they made of it. */
export interface LedgerTask {
  readonly id: string
  readonly operations: readonly string[]
  readonly title: string
  readonly labels: readonly string[]
  /** What was sent and not acknowledged, as `tasks.patch`: each may have been done, once, or not. */
  readonly unacknowledged: readonly string[]
}

interface StoredTask {
  readonly id: string
  readonly title: string
  readonly labels: readonly string[]
  readonly revision: number
}

/** Operations in the order of their revisions. */
interface StoredOperations {
  readonly entity: string
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly revisions: readonly number[]
  readonly outcomes: readonly string[]
}

const mostExamples = 10

/**
 * Holds a database against a ledger, which is all that was done there to tasks whose titles begin with `run`: each task is there with
 * exactly the acknowledged operations, once and in their order, and is what the last of them made of it; beside them at most what was
 * sent and not acknowledged; and there is no other. What is wrong, as sentences.
 */
export const auditLedger = (databaseUrl: string, run: string, ledger: readonly LedgerTask[]): Promise<readonly string[]> =>
  withSql(databaseUrl, async (sql) => {
    const tasks = await sql<StoredTask[]>`select id, title, labels, revision from tasks where starts_with(title, ${`${run}-`})`
    const operations = await sql<StoredOperations[]>`
      select entity, array_agg(id::text order by revision) as ids, array_agg(name order by revision) as names,
        array_agg(revision order by revision) as revisions, array_agg(distinct outcome) as outcomes
      from operations
      where kind = 'task' and entity not in (select id from tasks where not starts_with(title, ${`${run}-`}))
      group by entity`
    const found = contradictions(ledger, tasks, operations)
    return found.length <= mostExamples ? found : [...found.slice(0, mostExamples), `and ${found.length - mostExamples} more of these`]
  })

/** What of a ledger and of what is stored cannot both be, as sentences. */
export function contradictions(
  ledger: readonly LedgerTask[],
  tasks: readonly StoredTask[],
  operations: readonly StoredOperations[],
): readonly string[] {
  const [stored, done] = [new Map(tasks.map((task) => [task.id, task])), new Map(operations.map((one) => [one.entity, one]))]
  const known = new Set(ledger.map(({ id }) => id))
  const strangers = [...new Set([...stored.keys(), ...done.keys()])].filter((id) => !known.has(id))
  return [
    ...(known.size === ledger.length ? [] : [`${ledger.length - known.size} tasks were acknowledged under an id that another has`]),
    ...ledger.flatMap((task) => contradiction(task, stored.get(task.id), done.get(task.id)) ?? []),
    ...strangers.map((id) => `task ${id} is there and was never sent`),
  ]
}

function contradiction(entry: LedgerTask, task: StoredTask | undefined, done: StoredOperations | undefined): string | null {
  const { title, labels, operations: acknowledged } = entry
  if (task === undefined && done === undefined && acknowledged.length === 0) return null
  if (task === undefined || done === undefined) return `${title} was sent, ${acknowledged.length} times acknowledged, and is not there`
  const extra = done.names.filter((_, index) => !acknowledged.includes(done.ids[index] as string))
  const kept = done.ids.filter((id) => acknowledged.includes(id))
  if (!isDeepStrictEqual(kept, acknowledged) || !isPartOf(extra, entry.unacknowledged))
    return `${title}: acknowledged ${acknowledged.join(' ')}, done ${done.ids.join(' ')}`
  const revisions = done.ids.map((_, index) => index + 1)
  if (!isDeepStrictEqual([...done.revisions], revisions) || task.revision !== revisions.length)
    return `${title}: its revisions are ${done.revisions.join(' ')}, the task’s is ${task.revision}`
  if (!isDeepStrictEqual([...done.outcomes], ['applied'])) return `${title}: its operations are ${done.outcomes.join(', ')}`
  const isAsAcknowledged = task.title === title && isDeepStrictEqual(task.labels.toSorted(), labels.toSorted())
  if (extra.length === 0 && !isAsAcknowledged)
    return `${title} with labels ${labels.join(' ')} is there as ${task.title} with ${task.labels.join(' ')}`
  return null
}

/** Whether each of these is among those, as often as it is here. */
function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  const left = [...all]
  return some.every((one) => left.includes(one) && left.splice(left.indexOf(one), 1).length === 1)
}
