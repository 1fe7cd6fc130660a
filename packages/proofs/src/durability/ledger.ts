import { randomUUID } from 'node:crypto'
import { waitUntil } from '@holdfast/testkit/wait-until'
import type { Driver } from '@holdfast/acceptance/driver'
import { auditLedger, type LedgerTask } from '../long-runs/ledger-audit.ts'

type Durability = 'buffered' | 'committed'

/** One write of a client that keeps a ledger. */
export interface Entry {
  readonly name: 'tasks.create' | 'tasks.patch'
  readonly task: string
  readonly title: string
  readonly description: string | undefined
  readonly key: string
  /** How it was acknowledged at first; null if it was not, or not yet. */
  durability: Durability | null
  operation: string | null
  /** The last refusal, such as `503 STORE_UNAVAILABLE`, or that the connection broke. */
  lastFailure: string | null
}

/** What a client sent and what it was told: a task that is made, then renamed, by the number of its making. */
export interface Ledger {
  readonly entries: readonly Entry[]
  /** Makes a task, and renames it once that is acknowledged; each is sent once. Never rejects. */
  makeAndRename(api: Driver): Promise<void>
  /** Makes a task, with a description if one is given; it is sent once. Never rejects. */
  make(api: Driver, description?: string): Promise<Entry>
  /** Sends what was not acknowledged again, under its key, until it is. */
  settle(api: Driver): Promise<void>
  /** What of it and of a database cannot both be, as sentences; beside these tasks there may be those of other ledgers. */
  audit(databaseUrl: string): Promise<readonly string[]>
  /** Waits until none of this client’s writes waits in the buffer. */
  untilNothingWaits(api: Driver): Promise<void>
}

const settleTimeoutMs = 20_000
const retriable = /^(?:503 |504 OUTCOME_UNKNOWN|409 IDEMPOTENCY_KEY_IN_FLIGHT|no answer)/

/** An empty ledger. `run` begins every title. */
export function startLedger(run: string): Ledger {
  const entries: Entry[] = []
  const write = (name: Entry['name'], task: string, description?: string): Entry => {
    const entry: Entry = {
      name,
      task,
      title: `${run}-${entries.length}`,
      description,
      key: randomUUID(),
      durability: null,
      operation: null,
      lastFailure: null,
    }
    entries.push(entry)
    return entry
  }
  const attempt = async (api: Driver, entry: Entry): Promise<boolean> => {
    const { name, task: id, title, description, key: idempotencyKey } = entry
    const input = { id, title, ...(description !== undefined && { description }) }
    try {
      const { output, error } = await api.call(name, input, { idempotencyKey })
      if (error === undefined) {
        entry.durability ??= output.durability
        entry.operation = output.operationId
        return true
      }
      entry.lastFailure = `${error.status} ${error.code}`
    } catch (error) {
      entry.lastFailure = `no answer: ${String((error as Error).cause ?? error)}`
    }
    return false
  }
  return {
    entries,
    async makeAndRename(api) {
      const made = write('tasks.create', randomUUID())
      if (await attempt(api, made)) await attempt(api, write('tasks.patch', made.task))
    },
    async make(api, description) {
      const made = write('tasks.create', randomUUID(), description)
      await attempt(api, made)
      return made
    },
    async settle(api) {
      for (const entry of entries.filter(({ durability }) => durability === null))
        await waitUntil(
          async () => {
            if (await attempt(api, entry)) return true
            if (!retriable.test(entry.lastFailure ?? '')) throw new Error(`${entry.title}: ${entry.lastFailure}`)
            return undefined
          },
          { timeoutMs: settleTimeoutMs, everyMs: 50, problem: () => `${entry.title} is not acknowledged: ${entry.lastFailure}` },
        )
    },
    audit: (databaseUrl) => auditLedger(databaseUrl, run, tasksOf(entries)),
    async untilNothingWaits(api) {
      let waiting = ''
      const isDrained = async (): Promise<true | undefined> => {
        const { output, error } = await api.call('operations.list', { state: ['pending'], limit: 1 })
        waiting = output?.items[0]?.id ?? `${error?.status} ${error?.code}`
        return output?.items.length === 0 || undefined
      }
      await waitUntil(isDrained, { timeoutMs: settleTimeoutMs, everyMs: 50, problem: () => `not all is applied: ${waiting}` })
    },
  }
}

/** The writes task by task. */
function tasksOf(entries: readonly Entry[]): readonly LedgerTask[] {
  return [...Map.groupBy(entries, ({ task }) => task)].map(([id, written]) => {
    const acknowledged = written.filter(({ durability }) => durability !== null)
    return {
      id,
      operations: acknowledged.map(({ operation }) => operation ?? ''),
      title: (acknowledged.at(-1) ?? written[0])?.title ?? '',
      labels: [],
      unacknowledged: written.filter(({ durability }) => durability === null).map(({ name }) => name),
    }
  })
}
