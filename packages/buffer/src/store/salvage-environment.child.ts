import type { OrderedKey } from '@holdfast/usecases/ports/ordered-store'
import { openedWord, startedWord } from './child-task.ts'
import { keyOf, openEnvironment, readEnvironment } from './environment.ts'

export interface SalvageTask {
  readonly from: string
  readonly to: string
  /** All of the store’s. */
  readonly collections: readonly string[]
  /** The one to copy. */
  readonly collection: string
  /** From its end: when the way from its beginning ends at a broken page. */
  readonly isReversed: boolean
  /** What is copied is kept in steps of so many entries: a step under way is lost with the process. */
  readonly step: number
}

export interface SalvageAnswer {
  /** What kept it from writing the copy, which says nothing about the broken file; null if nothing did. */
  readonly obstacle: string | null
}

/** The copy cannot be written. */
class TargetError extends Error {}

function ofTarget<Result>(write: () => Result): Result {
  try {
    return write()
  } catch (error) {
    throw new TargetError((error as Error).message, { cause: error })
  }
}

/** Copies what the other store does not have yet, entry by entry, for as long as it can be read; a break may end the process. */
function salvage({ from, to, collections, collection, isReversed, step }: SalvageTask): void {
  const source = readEnvironment(from, collections).collections.get(collection)
  process.stdout.write(`${openedWord}\n`)
  const target = ofTarget(() => openEnvironment(to, collections))
  const copy = target.collections.get(collection)
  if (source === undefined || copy === undefined) return
  let entries: { readonly key: OrderedKey; readonly value: Buffer }[] = []
  const keep = (): void => {
    const kept = entries
    entries = []
    ofTarget(() =>
      target.root.transactionSync(() => {
        for (const { key, value } of kept) copy.putSync([...key], value)
      }),
    )
  }
  try {
    for (const { key, value } of source.getRange({ reverse: isReversed })) {
      if (copy.doesExist([...keyOf(key)])) continue
      entries.push({ key: keyOf(key), value: Buffer.from(value) })
      if (entries.length >= step) keep()
    }
  } finally {
    if (entries.length > 0) keep()
  }
}

function answer(task: SalvageTask): SalvageAnswer {
  try {
    salvage(task)
    return { obstacle: null }
  } catch (error) {
    if (error instanceof TargetError) return { obstacle: error.message }
    throw error
  }
}

process.stdout.write(`${startedWord}\n`)
process.stdout.write(`${JSON.stringify(answer(JSON.parse(process.argv[2] ?? '') as SalvageTask))}\n`)
