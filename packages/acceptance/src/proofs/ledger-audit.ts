import { isDeepStrictEqual } from 'node:util'
import postgres from 'postgres'
import type { LedgerTask } from './ledger-writers.ts'

interface StoredTask {
  readonly id: string
  readonly title: string
  readonly labels: readonly string[]
  readonly revision: number
}

interface StoredOperations {
  readonly entity: string
  readonly ids: readonly string[]
  readonly revisions: readonly number[]
  readonly outcomes: readonly string[]
}

const mostExamples = 10

/**
 * Holds a database where nothing else was done against a ledger: each task is there with exactly the acknowledged operations, once and
 * in their order, and is what the last of them made of it; and there is no other. What is wrong, as sentences.
 */
export async function auditLedger(databaseUrl: string, run: string, ledger: readonly LedgerTask[]): Promise<readonly string[]> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    const tasks = await sql<StoredTask[]>`select id, title, labels, revision from tasks where starts_with(title, ${`${run}-`})`
    const operations = await sql<StoredOperations[]>`
      select entity, array_agg(id::text order by revision) as ids, array_agg(revision order by revision) as revisions,
        array_agg(distinct outcome) as outcomes
      from operations where kind = 'task' group by entity`
    const found = [
      ...problemsOf(ledger, new Map(tasks.map((task) => [task.id, task])), new Map(operations.map((one) => [one.entity, one]))),
    ]
    return found.length <= mostExamples ? found : [...found.slice(0, mostExamples), `and ${found.length - mostExamples} more of these`]
  } finally {
    await sql.end({ timeout: 5 })
  }
}

function* problemsOf(
  ledger: readonly LedgerTask[],
  stored: ReadonlyMap<string, StoredTask>,
  operations: ReadonlyMap<string, StoredOperations>,
): Generator<string> {
  const known = new Set(ledger.map(({ id }) => id))
  if (known.size !== ledger.length) yield `${ledger.length - known.size} tasks were acknowledged under an id that another has`
  for (const { id, title, labels, operations: acknowledged } of ledger) {
    const [task, done] = [stored.get(id), operations.get(id)]
    if (task === undefined || done === undefined) yield `${title} was acknowledged and is not there`
    else if (!isDeepStrictEqual([...done.ids], acknowledged))
      yield `${title}: acknowledged ${acknowledged.join(' ')}, done ${done.ids.join(' ')}`
    else if (
      !isDeepStrictEqual(
        [...done.revisions],
        acknowledged.map((_, index) => index + 1),
      ) ||
      task.revision !== acknowledged.length
    )
      yield `${title}: its revisions are ${done.revisions.join(' ')}, the task’s is ${task.revision}`
    else if (!isDeepStrictEqual([...done.outcomes], ['applied'])) yield `${title}: its operations are ${done.outcomes.join(', ')}`
    else if (task.title !== title || !isDeepStrictEqual(task.labels.toSorted(), labels.toSorted()))
      yield `${title} with labels ${labels.join(' ')} is there as ${task.title} with ${task.labels.join(' ')}`
  }
  for (const id of [...stored.keys(), ...operations.keys()]) if (!known.has(id)) yield `task ${id} is there and was never acknowledged`
}
