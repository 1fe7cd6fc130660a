import type { OrderedEntry, OrderedPut, OrderedRemove } from '@holdfast/usecases/ports/ordered-store'
import type { CheckContext } from './check-context.ts'
import { collections } from './collections.ts'
import { deadTable } from './dead-record.ts'
import { putsOf, type IndexedTable } from './indexed-table.ts'
import { pagesOf } from './pages.ts'
import type { QueuedRecord } from './queued-record.ts'

const pageLength = 100

/** Moves a row out of the way with its bytes as they are. */
export const moveAside = (
  collection: string,
  { key, value }: OrderedEntry,
): { readonly put: OrderedPut; readonly remove: OrderedRemove } => ({
  put: { collection: collections.quarantine, key: [collection, ...key], value },
  remove: { collection, key },
})

/**
 * Puts back what this version can read: records of a newer version, after it came back. A record whose operation is in its
 * table again stays aside, for the other one stands for it. Answers with how many stay.
 */
export async function returnReadable(context: CheckContext, queue: IndexedTable<QueuedRecord>): Promise<number> {
  const { store, log, breathe } = context
  let returned = 0
  let left = 0
  for await (const page of pagesOf(store, collections.quarantine, pageLength, breathe)) {
    const puts: OrderedPut[] = []
    const removes: OrderedRemove[] = []
    for (const entry of page) {
      const back = putsBack(context, queue, entry)
      if (back === null) {
        left += 1
        continue
      }
      returned += 1
      puts.push(...back)
      removes.push({ collection: collections.quarantine, key: entry.key })
    }
    if (puts.length > 0) await store.commit(puts, removes)
  }
  if (returned > 0) log.info('Records that had been put aside were put back', { returned, left })
  return left
}

function putsBack({ store }: CheckContext, queue: IndexedTable<QueuedRecord>, entry: OrderedEntry): readonly OrderedPut[] | null {
  const [collection, ...key] = entry.key
  const row = { key, value: entry.value }
  const isKnown = (byOperation: string, operation: string): boolean =>
    store.range(byOperation, { prefix: [operation], limit: 1 }).length > 0
  if (collection === queue.collection) {
    const reading = queue.read(row)
    if (reading.state !== 'read' || isKnown(collections.byOperation, reading.content.command.operationId)) return null
    return putsOf(queue, key, reading.content, entry.value)
  }
  if (collection !== deadTable.collection) return null
  const reading = deadTable.read(row)
  if (reading.state !== 'read' || isKnown(collections.deadByOperation, reading.content.command.operationId)) return null
  return putsOf(deadTable, key, reading.content, entry.value)
}
