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

/** Copies what the other store does not have yet, entry by entry, for as long as it can be read; a break may end the process. */
function salvage({ from, to, collections, collection, isReversed, step }: SalvageTask): void {
  const source = readEnvironment(from, collections).collections.get(collection)
  process.stdout.write(`${openedWord}\n`)
  const target = openEnvironment(to, collections)
  const copy = target.collections.get(collection)
  if (source === undefined || copy === undefined) return
  let entries: { readonly key: OrderedKey; readonly value: Buffer }[] = []
  const keep = (): void => {
    target.root.transactionSync(() => {
      for (const { key, value } of entries) copy.putSync([...key], value)
    })
    entries = []
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

process.stdout.write(`${startedWord}\n`)
salvage(JSON.parse(process.argv[2] ?? '') as SalvageTask)
process.stdout.write('{}\n')
