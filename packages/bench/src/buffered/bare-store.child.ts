import { randomUUID } from 'node:crypto'
import { open } from 'lmdb'
import { answerTasks } from '../buffer/child-worker.ts'
import { runLoad, type Load } from './load.ts'

export interface BareStoreTask {
  readonly directory: string
  readonly writers: number
  readonly ms: number
}

/** A record of the buffer and its three index rows, without what makes it a record. */
const record = Buffer.alloc(600, 'x')
const indexRow = Buffer.alloc(1, 1)

let store: { readonly put: (key: (string | number)[], value: Buffer) => Promise<boolean> }[] = []

/** Writers that each put one record and three index rows into LMDB and wait for the disk: no gate, no queue, no frame, no counts. */
async function load({ directory, writers, ms }: BareStoreTask): Promise<Load> {
  if (store.length === 0) {
    // As the service's store is opened, but for its batches: here what is put in one turn is one transaction, the cheapest way.
    const root = open({ path: directory, overlappingSync: false, cache: false, encoding: 'binary', pageSize: 4096, maxDbs: 5 })
    store = ['records', 'one', 'two', 'three'].map((name) => root.openDB({ name, encoding: 'binary', cache: false }))
  }
  let sequence = 0
  return runLoad(writers, ms, async () => {
    const id = randomUUID()
    const at = ++sequence
    await Promise.all(
      store.map((database, index) => database.put(index === 0 ? [1, at, id] : [id, at, 1], index === 0 ? record : indexRow)),
    )
    return null
  })
}

answerTasks(load)
