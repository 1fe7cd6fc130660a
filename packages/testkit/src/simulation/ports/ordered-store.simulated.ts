import {
  OrderedStoreError,
  type OrderedEntry,
  type OrderedPut,
  type OrderedRemove,
  type OrderedStore,
} from '@holdfast/usecases/ports/ordered-store'
import { placeOf, rangeOf } from '../../memory/ordered-store.memory.ts'
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

interface Commit {
  readonly puts: readonly OrderedPut[]
  readonly removes: readonly OrderedRemove[]
}

/**
 * The disk of one machine. What a process has committed and been told of is there for ever. Of what it was not told of, a cut leaves
 * each commit whole or not at all, and none without those before it.
 */
export class SimulatedDisk {
  readonly #random: Random
  readonly #mood: () => DiskMood
  readonly #collections: ReadonlyMap<string, OrderedEntry[]>
  #unresolved: Commit[] = []
  #untold = 0

  /** Whether there is a commit that its caller has not heard of. */
  get isBusy(): boolean {
    return this.#unresolved.length > 0 || this.#untold > 0
  }

  constructor(collections: readonly string[], random: Random, mood: () => DiskMood) {
    this.#random = random
    this.#mood = mood
    this.#collections = new Map(collections.map((name) => [name, []]))
  }

  /** What the process sees and writes until its end. At most one process at a time. */
  open(process: SimulatedProcess): OrderedStore {
    let hasFailed = false
    let turn = Promise.resolve()
    process.atEnd(() => this.#settleUnresolved())

    const write = async (commit: Commit): Promise<void> => {
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
      this.#take(commit)
      // On disk, and so to be seen, before the caller hears of it.
      this.#untold += 1
      await new Promise<void>((resolve) => process.after(this.#random.between(0, 2), resolve))
      this.#untold -= 1
    }
    return {
      commit: (puts, removes) => {
        if (!process.isAlive) return never()
        const fate = process.fateOf('disk.commit', 'write')
        process.note('disk.commit', `${puts.map(({ collection }) => collection).join(' ')} − ${removes.length} ${fate}`)
        if (fate === 'is cut before') return never()
        const commit = { puts, removes }
        this.#unresolved.push(commit)
        const mine = turn.then(() => write(commit))
        turn = mine.catch(() => undefined)
        if (fate === 'runs') return mine
        void mine.catch(() => undefined).then(() => process.cut('after disk.commit'))
        return never()
      },
      get: (collection, key) => {
        const list = this.#listOf(collection)
        const { index, isFound } = placeOf(list, key)
        return isFound ? Uint8Array.from((list[index] as OrderedEntry).value) : undefined
      },
      range: (collection, range) => rangeOf(this.#listOf(collection), range),
    }
  }

  #listOf(name: string): OrderedEntry[] {
    const list = this.#collections.get(name)
    if (list === undefined) throw new Error(`There is no collection ${name}`)
    return list
  }

  #settleUnresolved(): void {
    const kept = this.#random.below(this.#unresolved.length + 1)
    for (const commit of this.#unresolved.slice(0, kept)) this.#take(commit)
    this.#unresolved = []
    this.#untold = 0
    const damaged = this.#random.chance(0.5) ? counts : derived
    const rows = this.#random.pick([...this.#collections].filter(([name]) => damaged.test(name)))[1]
    if (rows.length > 0 && this.#random.chance(this.#mood().damaged)) rows.splice(this.#random.below(rows.length), 1)
  }

  #take({ puts, removes }: Commit): void {
    for (const { collection, key } of removes) {
      const list = this.#listOf(collection)
      const { index, isFound } = placeOf(list, key)
      if (isFound) list.splice(index, 1)
    }
    for (const { collection, key, value } of puts) {
      const list = this.#listOf(collection)
      const { index, isFound } = placeOf(list, key)
      list.splice(index, isFound ? 1 : 0, { key: [...key], value: Uint8Array.from(value) })
    }
  }
}
