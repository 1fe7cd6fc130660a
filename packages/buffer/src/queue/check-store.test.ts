import type { MemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { beforeEach, describe, expect, test } from 'vitest'
import { writeActorTotals } from './actor-totals.ts'
import { checkStore } from './check-store.ts'
import { collections } from './collections.ts'
import { openCommandBuffer } from './command-buffer.ts'
import { putCounters, readCounters, type Counters } from './counters.ts'
import { writeFrame } from './frame.ts'
import { indexValue } from './indexed-table.ts'
import { createBreathe } from './pages.ts'
import {
  appendAll,
  createTask,
  damage,
  emptyStore,
  endSession,
  expectConsistent,
  idOf,
  open,
  pendingOperations,
  roomy,
  rowsOf,
  stampOf,
} from './queue.fixture.ts'
import { queueTableWith } from './queued-record.ts'

let store: MemoryOrderedStore
const names = [...'abcdef']
beforeEach(async () => {
  store = emptyStore()
  const { buffer } = await open(store)
  await appendAll(buffer, [...names.map((name) => createTask(name, { actor: 'ada' })), createTask('g'), endSession('x')], stampOf(7))
  const first = buffer.next(1, null, 1, 1)[0]
  if (first) await buffer.dispose([{ kind: 'dead', pending: first, reason: 'WRITE_EXPIRED' }], 1_000)
})
const keyOf = (name: string) => [1, [...names, 'g'].indexOf(name), createTask(name).operationId] as const

test('a sound store is opened without a word and without a write', async () => {
  const commits = store.commits()
  const { buffer, log } = await open(store)
  expect(log.lines).toEqual([])
  expect(store.commits()).toBe(commits)
  expect(buffer.level()).toMatchObject({ count: 7, deadLetters: 1, quarantined: 0 })
  expect(buffer.highestStamp).toBe(stampOf(7))
})

test('the highest stamp outlives its record', async () => {
  const { buffer } = await open(store)
  const all = ([0, 1] as const).flatMap((priority) => buffer.next(priority, null, 100, 1e9))
  await buffer.dispose(
    all.map((pending) => ({ kind: 'done', pending })),
    1,
  )
  await buffer.forgetDead(2_000, 10)
  expect((await open(store)).buffer.highestStamp).toBe(stampOf(7))
})

test('progress is told while it goes on', async () => {
  const told: [number, number][] = []
  const dependencies = { store, clock: createTestClock(), log: createTestLog(), limits: roomy }
  await openCommandBuffer({ ...dependencies, onProgress: (...progress) => void told.push(progress) })
  expect(told).toEqual([[7, 7]])
})

describe('what is wrong is made right, and told', () => {
  const countersNow = (): Counters => readCounters(store) as Counters
  test.each<[string, () => Promise<void>, readonly string[]]>([
    [
      'counters that are too high',
      () => store.commit([putCounters({ ...countersNow(), classes: [countersNow().classes[0], { count: 900, bytes: 1e6 }] })], []),
      ['A counter of the buffer was not what its records say', 'Records are missing from the buffer: its file may have been cut short'],
    ],
    [
      'counters that are too low, with a sequence that was given out',
      () =>
        store.commit([putCounters({ ...countersNow(), classes: [countersNow().classes[0], { count: 1, bytes: 1 }], nextSequence: 2 })], []),
      ['A counter of the buffer was not what its records say'],
    ],
    [
      'counters that are gone',
      () => store.commit([], [{ collection: collections.counters, key: ['counters'] }]),
      ['A counter of the buffer was not what its records say'],
    ],
    [
      'counters that cannot be read',
      async () => void (await damage(store, collections.counters, ['counters'])),
      ['A counter of the buffer was not what its records say'],
    ],
    [
      'an actor’s totals',
      async () => {
        const row = writeActorTotals(idOf('ada'), { count: 77, bytes: 7 })
        if ('put' in row) await store.commit([row.put], [])
      },
      ['The totals of an actor in the buffer were wrong', 'Totals of actors in the buffer were corrected'],
    ],
    [
      'totals of actors who have nothing, or only work of class 0',
      async () => {
        const strays = ['nobody', 'x'].map((name) => writeActorTotals(idOf(name), { count: 1, bytes: 7 }))
        await store.commit(
          strays.flatMap((row) => ('put' in row ? [row.put] : [])),
          [],
        )
      },
      ['Totals of actors in the buffer were corrected'],
    ],
    ...[collections.byEntity, collections.byActor, collections.byOperation, collections.deadByActor, collections.deadByOperation].map(
      (collection): [string, () => Promise<void>, readonly string[]] => [
        `a row that is missing from ${collection} and one that is too much`,
        async () => {
          const [row] = rowsOf(store, collection)
          if (row === undefined) throw new Error('There is no index row')
          const stray = row.key.map((part) => (typeof part === 'number' ? part + 5 : part))
          await store.commit([{ collection, key: stray, value: indexValue }], [{ collection, key: row.key }])
        },
        ['An index of the buffer was repaired'],
      ],
    ),
    [
      'a row of class 1 that is missing from the index that actors are counted by',
      async () => {
        const row = rowsOf(store, collections.byActor).find(({ key }) => key[0] === idOf('ada'))
        if (row) await store.commit([], [{ collection: collections.byActor, key: row.key }])
      },
      [
        'The totals of an actor in the buffer were wrong',
        'Totals of actors in the buffer were corrected',
        'An index of the buffer was repaired',
      ],
    ],
    [
      'an index row that has not the form of one',
      () => store.commit([{ collection: collections.byEntity, key: ['x'], value: indexValue }], []),
      ['An index of the buffer was repaired'],
    ],
    ['attempts of nothing', () => store.commit([{ collection: collections.attempts, key: keyOf('a'), value: writeFrame({}, []) }], []), []],
  ])('%s', async (_name, spoil, expected) => {
    const before = countersNow()
    await spoil()
    const { buffer, warnings } = await open(store)
    expect([...new Set(warnings())]).toEqual(expected)
    expectConsistent(store)
    expect(readCounters(store)).toEqual(before)
    expect(buffer.level()).toMatchObject({ count: 7, deadLetters: 1 })
    await buffer.append(createTask('new'), stampOf(1))
    expect(buffer.find(createTask('new').operationId)?.sequence).toBe(8)
    expect((await open(store)).warnings()).toEqual([])
  })

  test('both numbers are told', async () => {
    await store.commit([putCounters({ ...countersNow(), nextSequence: 3 })], [])
    const { log } = await open(store)
    expect(log.lines[0]?.fields).toEqual({ counter: 'nextSequence', persisted: 3, counted: 8 })
  })
})

describe('what cannot be read', () => {
  test('is put aside with its bytes, counted and told, and blocks nothing', async () => {
    const bytes = await damage(store, collections.queue, keyOf('c'))
    const { buffer, warnings } = await open(store)
    expect(warnings()).toContain('Records of the buffer cannot be read and were put aside')
    expect(buffer.level()).toMatchObject({ count: 6, quarantined: 1 })
    expect(rowsOf(store, collections.quarantine)).toEqual([{ key: [collections.queue, ...keyOf('c')], value: bytes }])
    expect(pendingOperations(buffer)).toHaveLength(6)
    expect(buffer.holds(createTask('c').entity)).toBe(false)
    expectConsistent(store)
    const again = await open(store)
    expect(again.warnings()).toEqual([])
    expect(again.buffer.level().quarantined).toBe(1)
  })

  test('a dead letter is put aside as well', async () => {
    await damage(store, collections.dead, [1_000, createTask('a').operationId])
    const { buffer } = await open(store)
    expect(buffer.level()).toMatchObject({ deadLetters: 0, quarantined: 1 })
    expect(buffer.findDead(createTask('a').operationId)).toBeNull()
    expectConsistent(store)
  })

  test('its sequence is not given out again', async () => {
    await store.commit(
      [],
      rowsOf(store, collections.queue).map(({ key }) => ({ collection: collections.queue, key })),
    )
    await store.commit([{ collection: collections.queue, key: [1, 41, createTask('z').operationId], value: Uint8Array.of(1, 2, 3) }], [])
    await store.commit([], [{ collection: collections.counters, key: ['counters'] }])
    const { buffer } = await open(store)
    await store.commit([], [{ collection: collections.counters, key: ['counters'] }])
    const again = await open(store)
    await again.buffer.append(createTask('new'), stampOf(1))
    expect(buffer.find(createTask('new').operationId)?.sequence).toBe(42)
  })
})

describe('a record of a newer version', () => {
  const added = (content: unknown): unknown => ({ ...(content as object), added: true })
  const newer = () => Uint8Array.from(writeFrame({ command: createTask('c', { actor: 'ada' }), stamp: stampOf(7) }, [added]))
  beforeEach(() => store.commit([{ collection: collections.queue, key: keyOf('c'), value: newer() }], []))
  const openNewer = () => {
    const log = createTestLog()
    return checkStore({ store, log, breathe: createBreathe(createTestClock()) }, queueTableWith([added]))
  }

  test('stays untouched through any number of starts of the older one', async () => {
    for (let start = 0; start < 3; start++) {
      const { buffer } = await open(store)
      expect(buffer.level()).toMatchObject({ count: 6, quarantined: 1 })
      expect(rowsOf(store, collections.quarantine)).toEqual([{ key: [collections.queue, ...keyOf('c')], value: newer() }])
      expectConsistent(store)
    }
  })

  test('is back in its place once the newer version is', async () => {
    await open(store)
    expect(await openNewer()).toMatchObject({ quarantined: 0, classes: [{ count: 1 }, { count: 6 }] })
    expect(store.get(collections.queue, keyOf('c'))).toEqual(newer())
    expect(rowsOf(store, collections.quarantine)).toEqual([])
    expectConsistent(store)
  })

  test('stays aside while its operation was taken again', async () => {
    const { buffer } = await open(store)
    expect(await buffer.append(createTask('c', { actor: 'ada' }), stampOf(9))).toBe('buffered')
    expect(await openNewer()).toMatchObject({ quarantined: 1, classes: [{ count: 1 }, { count: 6 }] })
    expectConsistent(store)
  })
})
