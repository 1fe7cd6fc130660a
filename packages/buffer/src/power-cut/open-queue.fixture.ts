import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import type { CommandBuffer } from '@holdfast/usecases/ports/command-buffer'
import type { OrderedStore } from '@holdfast/usecases/ports/ordered-store'
import { commandBufferCollections, openCommandBuffer } from '../queue/command-buffer.ts'
import { openOrderedStore } from '../store/open-ordered-store.lmdb.ts'

export interface OpenQueue {
  readonly buffer: CommandBuffer
  /** What it warned of, or worse. */
  complaints(): readonly string[]
  close(): Promise<void>
}

export interface OpenQueueOptions {
  /** The mistake of all mistakes, for seeing it found: a commit resolves before it is on disk. */
  readonly isEager?: boolean
}

const limits = { count: 1_000, bytes: 512 * 1024, actorShare: 1, reserveShare: 0 }

/** Opens the queue in a directory, over the store that the service has. */
export async function openQueue(directory: string, { isEager = false }: OpenQueueOptions): Promise<OpenQueue> {
  const log = createTestLog()
  const opened = await openOrderedStore({
    directory: join(directory, 'buffer'),
    collections: commandBufferCollections,
    limitBytes: limits.bytes,
    log,
    clock: realClock,
    onFailed: () => undefined,
    reserveBytes: 1024 * 1024,
  })
  const { store } = opened
  const buffer = await openCommandBuffer({ store: isEager ? eager(store) : store, clock: realClock, log, limits })
  return {
    buffer,
    complaints: () => log.lines.filter(({ level }) => level === 'warn' || level === 'error').map((line) => JSON.stringify(line)),
    close: () => opened.close(),
  }
}

function eager(store: OrderedStore): OrderedStore {
  let before: Promise<void> = Promise.resolve()
  return {
    get: (collection, key) => store.get(collection, key),
    range: (collection, range) => store.range(collection, range),
    keys: (collection, range) => store.keys(collection, range),
    async commit(puts, removes) {
      await before
      before = store.commit(puts, removes)
      await setImmediate()
    },
  }
}
