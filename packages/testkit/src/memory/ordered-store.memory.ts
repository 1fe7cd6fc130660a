import type { OrderedPut, OrderedRemove, OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { OrderedCollections, type OrderedCommit } from './ordered-collections.ts'

/** The ordered store in memory, with doors for tests: it sits the same exam as the one on disk. */
export interface MemoryOrderedStore extends OrderedStore {
  /** How many commits were made. */
  readonly commits: () => number
  /** Waited for before each commit takes effect; what it throws is what the commit rejects with, and nothing is written. */
  beforeCommit: (puts: readonly OrderedPut[], removes: readonly OrderedRemove[]) => Promise<void> | void
  /** Waited for after it took effect and before it resolves. */
  afterCommit: () => Promise<void> | void
}

/** An empty store with these collections. */
export function createMemoryOrderedStore(names: readonly string[]): MemoryOrderedStore {
  const collections = new OrderedCollections(names)
  let commits = 0
  let turn: Promise<void> = Promise.resolve()

  const write = async (commit: OrderedCommit): Promise<void> => {
    await store.beforeCommit(commit.puts, commit.removes)
    collections.write(commit)
    commits += 1
    await store.afterCommit()
  }
  const store: MemoryOrderedStore = {
    commits: () => commits,
    beforeCommit: () => undefined,
    afterCommit: () => undefined,
    async commit(puts, removes) {
      const commit = collections.take({ puts, removes })
      const mine = turn.then(() => write(commit))
      turn = mine.catch(() => undefined)
      await mine
    },
    get: (collection, key) => collections.get(collection, key),
    range: (collection, range) => collections.range(collection, range),
    keys: (collection, range) => collections.keys(collection, range),
  }
  return store
}
