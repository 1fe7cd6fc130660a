// A process with a store, for tests that end it or take its disk away. Arguments: directory, what to do.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import { OrderedStoreError, type OrderedPut } from '@holdfast/usecases/ports/ordered-store'
import { openOrderedStore } from './open-ordered-store.lmdb.ts'

const [directory = '', task = ''] = process.argv.slice(2)
const limitBytes = 2 * 1024 * 1024
const collections = ['one', 'other']
const opened = await openOrderedStore({
  directory,
  collections,
  limitBytes,
  reserveBytes: 1024 * 1024,
  log: createTestLog(),
  clock: realClock,
  onFailed: () => console.log('told of the failure'),
})
const { store } = opened

/** One entry in each collection. */
const both = (number: number, length = 300): readonly OrderedPut[] =>
  collections.map((collection) => ({ collection, key: [number], value: new Uint8Array(length).fill(number & 0xff) }))
const failureOf = (error: unknown): string => (error instanceof OrderedStoreError ? error.failure : String(error))

const tasks: Record<string, () => Promise<void> | void> = {
  /** Commits by eights for ever, and writes each number that was acknowledged; then the failure. */
  async write() {
    let next = (store.range('one', { limit: 1, isReversed: true })[0]?.key[0] as number | undefined) ?? 0
    const work = async (): Promise<void> => {
      for (;;) {
        const number = ++next
        await store.commit(both(number), [])
        console.log(`+${number}`)
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: 8 }, work))
    console.log(`failed: ${ends.map((end) => failureOf((end as PromiseRejectedResult).reason)).join(' ')}`)
    console.log(`later: ${await store.commit(both(1_000_000), []).then(() => 'written', failureOf)}`)
    await sleep(200)
    console.log(`alive, ${store.get('one', [1_000_000]) === undefined ? 'unseen' : 'seen'}`)
    await opened.close()
  },
  /** At SIGUSR2: one commit, and when it resolved and was seen. */
  delayed() {
    process.on('SIGUSR2', () => {
      const startedAt = performance.now()
      let seenMs = 0
      const look = setInterval(() => {
        if (seenMs === 0 && store.get('one', [1]) !== undefined) seenMs = performance.now() - startedAt
      }, 2)
      void store.commit(both(1), []).then(async () => {
        const resolvedMs = performance.now() - startedAt
        await sleep(50)
        clearInterval(look)
        console.log(`timed ${JSON.stringify({ resolvedMs, seenMs })}`)
      })
    })
    setInterval(() => undefined, 60_000)
  },
  /** Fills the disk to the last byte, then the store to its limit and beyond; empties it, and goes on. */
  async fullDisk() {
    const filler = join(directory, '..', 'filler')
    for (let chunk = 256 * 1024; chunk >= 1; chunk = Math.floor(chunk / 2)) {
      try {
        for (;;) appendFileSync(filler, new Uint8Array(chunk).fill(1))
      } catch {
        // Full for pieces of this size.
      }
    }
    await sleep(1_100)
    const fill = async (from: number, length: number): Promise<{ count: number; end: string }> => {
      for (let number = from; ; number++) {
        const end = await store.commit(both(number, length), []).then(() => null, failureOf)
        if (end !== null) return { count: number - from, end }
      }
    }
    const first = await fill(1, 500)
    const rows = store.range('one', { limit: 10_000 })
    let removed = 0
    for (const { key } of rows) {
      const end = await store
        .commit(
          [],
          collections.map((collection) => ({ collection, key })),
        )
        .then(() => null, failureOf)
      if (end === null) removed++
    }
    const again = await fill(100_000, 500)
    const large = await fill(200_000, 60_000)
    console.log(
      `filled ${JSON.stringify({ limitBytes, first, rows: rows.length, removed, again, large, left: store.range('one', { limit: 10_000 }).length })}`,
    )
    await opened.close()
  },
  hold() {
    setInterval(() => undefined, 60_000)
  },
}
console.log('ready')
await tasks[task]?.()
