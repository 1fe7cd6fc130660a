import { laterStamp, type Stamp } from '@holdfast/domain/stamp'
import { OrderedStoreError, type OrderedKey, type OrderedRemove } from '@holdfast/usecases/ports/ordered-store'
import type { CheckContext } from './check-context.ts'
import { checkTable } from './check-table.ts'
import { collections } from './collections.ts'
import { noCounters, putCounters, readCounters, type Counters } from './counters.ts'
import { deadTable } from './dead-record.ts'
import type { IndexedTable } from './indexed-table.ts'
import { keyPagesOf } from './pages.ts'
import { returnReadable } from './quarantine.ts'
import type { QueuedRecord } from './queued-record.ts'
import { ActorRecount } from './recount-actors.ts'
import { plus, type Totals } from './totals.ts'

/** Told how many records were checked, and how many there should be. */
export type OnProgress = (checked: number, expected: number) => void

/**
 * Checks all that lies in the store before it is used: every frame, every index row, every count. What cannot be read is put
 * aside, what was put aside and can be read now is put back, indexes and counts are made what the records say. Nothing that is
 * wrong with them keeps it from that; rejects with `OrderedStoreError` if the disk does, `full` or broken. Repeating it after that,
 * or after a crash half-way, does the rest.
 */
export async function checkStore(context: CheckContext, queue: IndexedTable<QueuedRecord>, onProgress?: OnProgress): Promise<Counters> {
  const { store } = context
  const persisted = readCounters(store)
  const expected = plus(...(persisted ?? noCounters).classes).count
  let quarantined = await returnReadable(context, queue)
  const classes: [Totals, Totals] = [...noCounters.classes]
  let nextSequence = Math.max(persisted?.nextSequence ?? 0, await sequenceBehindQuarantine(context))
  let highestStamp: Stamp | null = persisted?.highestStamp ?? null
  let deadLetters = 0
  let checked = 0
  const goBehind = (key: OrderedKey): void => {
    if (typeof key[1] === 'number') nextSequence = Math.max(nextSequence, key[1] + 1)
  }
  await checkTable(context, queue, {
    whole(key, { stamp }, bytes) {
      const priority = key[0] as 0 | 1
      classes[priority] = plus(classes[priority], { count: 1, bytes })
      highestStamp = laterStamp(highestStamp, stamp)
      goBehind(key)
      checked += 1
    },
    putAside(key) {
      quarantined += 1
      goBehind(key)
    },
    endOfPage: () => onProgress?.(checked, expected),
    reader: new ActorRecount(context),
  })
  await removeStrayAttempts(context)
  await checkTable(context, deadTable, {
    whole(_key, { stamp }) {
      deadLetters += 1
      highestStamp = laterStamp(highestStamp, stamp)
    },
    putAside: () => (quarantined += 1),
  })
  const counted: Counters = { classes, nextSequence, deadLetters, quarantined, highestStamp }
  if (reportDifferences(context, persisted, counted)) await writeIfThereIsRoom(context, counted)
  return counted
}

/** On a full disk the counts stay in memory, until something else is written with them. */
async function writeIfThereIsRoom({ store, log }: CheckContext, counted: Counters): Promise<void> {
  try {
    await store.commit([putCounters(counted)], [])
  } catch (error) {
    if (!(error instanceof OrderedStoreError && error.failure === 'full')) throw error
    log.warn('There is no room on the disk for the buffer: no write can be buffered until there is')
  }
}

/** The first sequence that no record of the queue that was put aside has. */
async function sequenceBehindQuarantine({ store, breathe }: CheckContext): Promise<number> {
  let behind = 0
  for await (const page of keyPagesOf(store, collections.quarantine, 100, breathe))
    for (const key of page) if (key[0] === collections.queue && typeof key[2] === 'number') behind = Math.max(behind, key[2] + 1)
  return behind
}

async function removeStrayAttempts({ store, breathe }: CheckContext): Promise<void> {
  for await (const page of keyPagesOf(store, collections.attempts, 500, breathe)) {
    const removes: OrderedRemove[] = page
      .filter((key) => store.get(collections.queue, key) === undefined)
      .map((key) => ({ collection: collections.attempts, key }))
    if (removes.length > 0) await store.commit([], removes)
  }
}

/** Logs each number that is not what was persisted; answers whether there is one. */
function reportDifferences({ log }: CheckContext, persisted: Counters | null, counted: Counters): boolean {
  const before = flat(persisted ?? noCounters)
  const after = flat(counted)
  const different = Object.keys(after).filter((name) => before[name] !== after[name])
  if (different.length === 0) return persisted === null
  for (const name of different) {
    const fields = { counter: name, persisted: before[name], counted: after[name] }
    log.warn('A counter of the buffer was not what its records say', fields)
  }
  const missing = rowsOf(persisted ?? noCounters) - rowsOf(counted)
  if (missing > 0) log.error('Records are missing from the buffer: its file may have been cut short', undefined, { missing })
  return true
}

const rowsOf = ({ classes, deadLetters, quarantined }: Counters): number => plus(...classes).count + deadLetters + quarantined

const flat = ({ classes: [first, second], ...others }: Counters): Readonly<Record<string, string | number | null>> => ({
  count0: first.count,
  bytes0: first.bytes,
  count1: second.count,
  bytes1: second.bytes,
  ...others,
})
