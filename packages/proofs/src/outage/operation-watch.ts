import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver, OutputOf } from '@holdfast/acceptance/driver'

type State = OutputOf<'operations.get'>['state']

/** Asks for operations again and again, at every door that it is given. */
export interface OperationWatch {
  /** Begins to ask for one that was acknowledged. */
  add(operationId: string): void
  /** Ends it. What each door has said of each operation, as `pending > applied`. Rejects with all that went backwards. */
  stop(): Promise<ReadonlyMap<string, readonly string[]>>
}

const pauseMs = 20

/**
 * Watches that no state goes backwards: `pending` may become anything, anything else stays as it is. `doors` gives the doors to be
 * asked now, by a name that lasts. At one that took the operation it is never unknown; at others it is from the first answer on.
 */
export function watchOperations(doors: () => Readonly<Record<string, { readonly api: Driver; readonly tookIt: boolean }>>): OperationWatch {
  const said = new Map<string, Map<string, State[]>>()
  const problems: string[] = []
  let isOver = false

  const ask = async (name: string, api: Driver, tookIt: boolean, id: string): Promise<void> => {
    const states = said.get(id)?.get(name) ?? []
    const before = states.at(-1)
    // The connection may break: instances are killed.
    const answer = await api.call('operations.get', { id }).catch(() => null)
    if (answer === null) return
    const { output, error } = answer
    // It starts, or the operation has gone to a database that is away again: that it cannot be told is no step back.
    if (error?.code === 'STORE_UNAVAILABLE') return
    const isUnknownStill = error?.code === 'OPERATION_NOT_FOUND' && !tookIt && before === undefined
    if (isUnknownStill) return
    if (output === undefined) problems.push(`${id} at ${name}: ${error.status} ${error.code} after ${before ?? 'nothing'}`)
    else if (before === undefined || before === 'pending') {
      if (output.state !== before) states.push(output.state)
    } else if (output.state !== before) problems.push(`${id} at ${name}: ${output.state} after ${before}`)
    said.get(id)?.set(name, states)
  }
  const watch = async (): Promise<void> => {
    while (!isOver) {
      for (const [name, { api, tookIt }] of Object.entries(doors()))
        await Promise.all([...said.keys()].map((id) => ask(name, api, tookIt, id)))
      await sleep(pauseMs)
    }
  }
  const watching = watch()
  watching.catch(() => {})
  return {
    add: (operationId) => void said.set(operationId, said.get(operationId) ?? new Map()),
    async stop() {
      isOver = true
      await watching
      if (problems.length > 0) throw new Error(problems.slice(0, 10).join('\n'))
      return new Map([...said].map(([id, byDoor]) => [id, [...byDoor.values()].map((states) => states.join(' > '))]))
    },
  }
}
