import { randomUUID } from 'node:crypto'
import type { Driver } from '@holdfast/acceptance/driver'
import { allTasks } from '@holdfast/acceptance/people'

/** Clients that create tasks one after the other, as fast as they are answered. */
export interface Writers {
  /** Title by id, of every task that was acknowledged so far, as committed or as buffered. */
  readonly acknowledged: ReadonlyMap<string, string>
  /** How many writes were sent. */
  sent(): number
  /** Refused by an answer, not by a broken connection. */
  readonly refusals: readonly string[]
  /** No more writes; resolves when those under way have been answered or have failed. */
  stop(): Promise<void>
}

const pauseAfterFailureMs = 20

/** Starts `count` clients, which go on until they are told to stop, whatever becomes of the service. */
export function startWriters(api: Driver, count: number): Writers {
  const acknowledged = new Map<string, string>()
  const refusals: string[] = []
  let sent = 0
  let isStopping = false
  const work = async (): Promise<void> => {
    while (!isStopping) {
      sent += 1
      const id = randomUUID()
      const title = `task ${sent} of ${count} writers`
      try {
        const { output, error } = await api.call('tasks.create', { id, title })
        if (error !== undefined) refusals.push(error.code)
        else acknowledged.set(output.id, title)
      } catch {
        // The connection broke: the write may be there or not, and nobody was promised anything.
        await new Promise((resolve) => setTimeout(resolve, pauseAfterFailureMs))
      }
    }
  }
  const workers = Array.from({ length: count }, work)
  return {
    acknowledged,
    sent: () => sent,
    refusals,
    async stop() {
      isStopping = true
      await Promise.all(workers)
    },
  }
}

/** What of the acknowledged tasks is missing, changed or there twice, as sentences; empty if all is well. */
export async function brokenPromises(api: Driver, acknowledged: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const listed = await allTasks(api)
  const titles = new Map(listed.map(({ id, title }) => [id, title]))
  return [
    ...(titles.size === listed.length ? [] : [`${listed.length - titles.size} tasks are listed twice`]),
    ...[...acknowledged]
      .filter(([id, title]) => titles.get(id) !== title)
      .map(([id]) => `${id} was acknowledged and is ${titles.has(id) ? 'changed' : 'gone'}`),
  ]
}
