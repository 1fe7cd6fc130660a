import { OrderedStoreError, type OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { OrderedCollections, type OrderedCommit } from '../../memory/ordered-collections.ts'
import type { Random } from '../random.ts'
import { never, type SimulatedProcess } from '../simulated-process.ts'

/** How the disk is at this moment. */
export interface DiskMood {
  /** From the call to the resolved promise, in milliseconds. */
  readonly flushMs: readonly [low: number, high: number]
  readonly full: number
  readonly failed: number
  /** A row that can be made again from others is gone after a cut. */
  readonly damaged: number
}

/** Counts of the command buffer, and its indexes. */
const counts = /counters|totals/
const derived = /-by-/

/**
 * The disk of one machine. What a process has committed and been told of is there for ever. Of what it was not told of, a cut leaves
 * each commit whole or not at all, and none without those before it.
 */
export class SimulatedDisk {
  readonly #random: Random
  readonly #mood: () => DiskMood
  readonly #names: readonly string[]
  readonly #collections: OrderedCollections
  #unresolved: OrderedCommit[] = []
  #untold = 0
  #hasLostStamps = false

  /** Whether there is a commit that its caller has not heard of. */
  get isBusy(): boolean {
    return this.#unresolved.length > 0 || this.#untold > 0
  }

  /** Whether the damage took the highest stamp along, which is nowhere else: what is stamped next goes by the wall clock alone. */
  get hasLostStamps(): boolean {
    return this.#hasLostStamps
  }

  constructor(names: readonly string[], random: Random, mood: () => DiskMood) {
    this.#random = random
    this.#mood = mood
    this.#names = names
    this.#collections = new OrderedCollections(names)
  }

  /** What the process sees and writes until its end. At most one process at a time. */
  open(process: SimulatedProcess): OrderedStore {
    let hasFailed = false
    let turn = Promise.resolve()
    process.atEnd(() => this.#settleUnresolved())

    const write = async (commit: OrderedCommit): Promise<void> => {
      const { flushMs, full, failed } = this.#mood()
      if (hasFailed || this.#random.chance(full)) {
        this.#unresolved = this.#unresolved.filter((unresolved) => unresolved !== commit)
        process.note('disk.commit', hasFailed ? 'refused' : 'full')
        throw new OrderedStoreError(hasFailed ? 'failed' : 'full')
      }
      await new Promise<void>((resolve) => process.after(this.#random.between(...flushMs), resolve))
      if (this.#random.chance(failed)) {
        // Written or not: the next start will show it. It comes soon, as the service ends itself then.
        hasFailed = true
        process.note('disk.commit', 'failed')
        process.after(this.#random.between(10, 2_000), () => process.cut('its disk failed'))
        throw new OrderedStoreError('failed')
      }
      this.#unresolved.shift()
      this.#collections.write(commit)
      // On disk, and so to be seen, before the caller hears of it.
      this.#untold += 1
      await new Promise<void>((resolve) => process.after(this.#random.between(0, 2), resolve))
      this.#untold -= 1
    }
    return {
      commit: async (puts, removes) => {
        if (!process.isAlive) return never()
        const commit = this.#collections.take({ puts, removes })
        const fate = process.fateOf('disk.commit', 'write')
        process.note('disk.commit', `${puts.map(({ collection }) => collection).join(' ')} − ${removes.length} ${fate}`)
        if (fate === 'is cut before') return never()
        this.#unresolved.push(commit)
        const mine = turn.then(() => write(commit))
        turn = mine.catch(() => undefined)
        if (fate === 'runs') return mine
        void mine.catch(() => undefined).then(() => process.cut('after disk.commit'))
        return never()
      },
      get: (collection, key) => this.#collections.get(collection, key),
      range: (collection, range) => this.#collections.range(collection, range),
      keys: (collection, range) => this.#collections.keys(collection, range),
    }
  }

  #settleUnresolved(): void {
    const kept = this.#random.below(this.#unresolved.length + 1)
    for (const commit of this.#unresolved.slice(0, kept)) this.#collections.write(commit)
    this.#unresolved = []
    this.#untold = 0
    const damaged = this.#random.chance(0.5) ? counts : derived
    const name = this.#random.pick(this.#names.filter((each) => damaged.test(each)))
    const rows = this.#collections.entriesOf(name)
    if (rows.length === 0 || !this.#random.chance(this.#mood().damaged)) return
    rows.splice(this.#random.below(rows.length), 1)
    this.#hasLostStamps ||= name.endsWith('counters')
  }
}
