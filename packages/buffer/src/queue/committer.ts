import type { Log } from '@holdfast/usecases/ports/log'
import { OrderedStoreError, type OrderedPut, type OrderedRemove, type OrderedStore } from '@holdfast/usecases/ports/ordered-store'

/** Does work that commits to the store one piece at a time, in the order asked for, and remembers whether the disk refused. */
export class Committer {
  readonly #store: OrderedStore
  readonly #log: Log
  #turn: Promise<unknown> = Promise.resolve()
  #hasFailed = false

  constructor(store: OrderedStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Whether a commit failed in such a way that what is on disk is not known: nothing is written from then on. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Runs when all that was asked for before has settled. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Of one piece of work in its turn. Rejects with `OrderedStoreError` alone. */
  async commit(puts: readonly OrderedPut[], removes: readonly OrderedRemove[]): Promise<void> {
    if (this.#hasFailed) throw new OrderedStoreError('failed')
    try {
      await this.#store.commit(puts, removes)
    } catch (error) {
      // What is not said to be harmless is not known to be.
      const failure = error instanceof OrderedStoreError ? error.failure : 'failed'
      this.#hasFailed ||= failure === 'failed'
      this.#log.error('The buffer could not write to its disk', error, { failure, puts: puts.length, removes: removes.length })
      throw error instanceof OrderedStoreError ? error : new OrderedStoreError('failed', { cause: error })
    }
  }
}
