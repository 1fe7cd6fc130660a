import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { MemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { writeActorTotals } from './actor-totals.ts'
import { collections } from './collections.ts'
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
  bytesOf,
  named,
  operations,
  pendingIn,
} from './queue.fixture.ts'

let store: MemoryOrderedStore
let buffer: CommandBuffer
let warnings: () => readonly string[]
beforeEach(async () => {
  store = emptyStore()
  ;({ buffer, warnings } = await open(store))
})
const reopen = async (limits = roomy): Promise<void> => {
  ;({ buffer, warnings } = await open(store, limits))
}
const pending = (name: string): PendingCommand => pendingIn(buffer, name)

describe('dispose', () => {
  test('a vain attempt is counted without writing the record again', async () => {
    await appendAll(buffer, named('ab'))
    const written: string[] = []
    store.beforeCommit = (puts) => void written.push(...puts.map(({ collection }) => collection))
    const tried = (waitedMs: number) => buffer.dispose([{ kind: 'tried', pending: pending('a'), reason: 'STORE_UNAVAILABLE', waitedMs }], 1)
    await tried(100)
    await tried(50)
    expect(new Set(written)).toEqual(new Set([collections.attempts, collections.counters]))
    await reopen()
    expect(pending('a')).toMatchObject({ attempts: 2, waitedMs: 150, lastFailure: 'STORE_UNAVAILABLE' })
    expect(pending('b').attempts).toBe(0)
    await buffer.dispose([{ kind: 'done', pending: pending('a') }], 1)
    expect(rowsOf(store, collections.attempts)).toEqual([])
  })

  test('of what is not there any more changes nothing', async () => {
    await appendAll(buffer, named('ab'))
    const a = pending('a')
    const done = { kind: 'done', pending: a } as const
    await buffer.dispose([done, done, { kind: 'dead', pending: a, reason: 'WRITE_EXPIRED' }], 1)
    const commits = store.commits()
    await buffer.dispose([done], 2)
    await buffer.dispose([{ kind: 'tried', pending: a, reason: 'WRITE_EXPIRED', waitedMs: 1 }], 2)
    expect(store.commits()).toBe(commits)
    expect(buffer.level()).toMatchObject({ count: 1, bytes: bytesOf('b'), deadLetters: 0 })
    expectConsistent(store)
  })

  test('tried and done in one go leaves no attempts behind', async () => {
    await buffer.append(createTask('a'), stampOf(1))
    const a = pending('a')
    await buffer.dispose(
      [
        { kind: 'tried', pending: a, reason: 'WRITE_EXPIRED', waitedMs: 1 },
        { kind: 'done', pending: a },
      ],
      1,
    )
    expectConsistent(store)
  })

  test('a dead letter leaves the queue and is found by id and by actor, the latest first', async () => {
    await appendAll(
      buffer,
      [...'abc'].map((name) => createTask(name, { actor: 'ada' })),
    )
    const actor = createTask('x', { actor: 'ada' }).actor
    for (const [index, name] of [...'abc'].entries())
      await buffer.dispose([{ kind: 'dead', pending: pending(name), reason: 'WRITE_EXPIRED' }], 1_000 + index)
    expect(buffer.level()).toMatchObject({ count: 0, bytes: 0, deadLetters: 3 })
    expect(buffer.findDead(createTask('b').operationId)).toEqual({
      command: createTask('b', { actor: 'ada' }),
      stamp: stampOf(1),
      attempts: 0,
      reason: 'WRITE_EXPIRED',
      diedAt: 1_001,
    })
    expect(operations(buffer.deadOfActor(actor, 2).map(({ command }) => command))).toEqual(operations(named('cb')))
    expect(await buffer.forgetDead(1_002, 1)).toBe(1)
    expect(await buffer.forgetDead(1_002, 100)).toBe(1)
    expect(operations(buffer.deadOfActor(actor, 10).map(({ command }) => command))).toEqual(operations(named('c')))
    expect(buffer.findDead(createTask('a').operationId)).toBeNull()
    expectConsistent(store)
  })

  test('an operation that came back and died again has one dead letter', async () => {
    for (const at of [1_000, 2_000]) {
      await buffer.append(createTask('a'), stampOf(1))
      await buffer.dispose([{ kind: 'dead', pending: pending('a'), reason: 'WRITE_EXPIRED' }], at)
    }
    expect(buffer.level().deadLetters).toBe(1)
    expect(buffer.findDead(createTask('a').operationId)?.diedAt).toBe(2_000)
    expectConsistent(store)
  })

  test('afterwards nothing of an actor is kept in memory', async () => {
    await reopen({ ...roomy, actorShare: 0.01 })
    await appendAll(buffer, named('ab'))
    await buffer.dispose([{ kind: 'done', pending: pending('a') }], 1)
    const full = writeActorTotals(createTask('a').actor, { count: 10, bytes: 1 })
    if ('put' in full) await store.commit([full.put], [])
    expect(await buffer.append(createTask('c', { actor: 'a' }), stampOf(1))).toBe('full')
  })

  test('takes turns with appends, so that counts stay right', async () => {
    await appendAll(buffer, named('abcd'))
    await Promise.all([
      appendAll(buffer, named('ef')),
      buffer.dispose([{ kind: 'done', pending: pending('a') }], 1),
      appendAll(buffer, named('gh')),
      buffer.dispose([{ kind: 'dead', pending: pending('b'), reason: 'WRITE_EXPIRED' }], 1),
    ])
    expect(buffer.level().count).toBe(6)
    expectConsistent(store)
  })
})

describe('reading', () => {
  test('next goes by class, behind a sequence, and is bounded by count and by bytes', async () => {
    await appendAll(buffer, [...named('abc'), endSession('x'), ...named('de')])
    const names = (found: readonly PendingCommand[]) => operations(found.map(({ command }) => command))
    expect(names(buffer.next(1, null, 2, 1e6))).toEqual(operations(named('ab')))
    expect(names(buffer.next(1, 1, 10, 1e6))).toEqual(operations(named('cde')))
    expect(names(buffer.next(1, null, 10, bytesOf('a') * 2))).toEqual(operations(named('ab')))
    expect(names(buffer.next(1, 0, 10, 1))).toEqual(operations(named('b')))
    expect(buffer.next(1, 5, 10, 1e6)).toEqual([])
    expect(names(buffer.next(0, null, 10, 1e6))).toEqual(operations([endSession('x')]))
  })

  test('of an entity in order of arrival, of an actor the latest first and page by page', async () => {
    const commands = Array.from({ length: 1_200 }, (_, index) => createTask(`${index}`, { actor: 'ada', entity: 'one' }))
    await reopen({ ...roomy, count: 2_000 })
    await appendAll(buffer, [...commands, createTask('other')])
    expect(operations(buffer.ofEntity(idOf('one')).map(({ command }) => command))).toEqual(operations(commands))
    const found: PendingCommand[] = []
    for (let before: number | null = null; ;) {
      const page = buffer.ofActor({ actor: idOf('ada'), before, limit: 500 })
      found.push(...page)
      before = page.at(-1)?.sequence ?? null
      if (page.length < 500) break
    }
    expect(operations(found.map(({ command }) => command))).toEqual(operations(commands).toReversed())
    expect(buffer.ofEntity(idOf('none'))).toEqual([])
    for (const limit of [1, 500, 501, 5_000])
      expect(operations(buffer.ofEntity(idOf('one'), limit).map(({ command }) => command))).toEqual(operations(commands.slice(0, limit)))
  })

  test('passes over a record that has gone bad, and puts it aside', async () => {
    await appendAll(buffer, named('abc'))
    const bytes = await damage(store, collections.queue, [1, 1, createTask('b').operationId])
    expect(pendingOperations(buffer)).toEqual(operations(named('ac')))
    await nextTurn()
    expect(buffer.level()).toMatchObject({ count: 2, quarantined: 1 })
    expect(rowsOf(store, collections.quarantine)[0]?.value).toEqual(bytes)
    expect(warnings()).toEqual(['A record of the buffer cannot be read and was put aside'])
    await reopen()
    expectConsistent(store)
    expect(buffer.holds(createTask('b').entity)).toBe(false)
  })

  test.each([
    ['was put aside', true],
    ['is first seen by its repetition', false],
  ])('a record that has gone bad is written anew when its command comes again, where it %s', async (_, isSeenBefore) => {
    await appendAll(buffer, named('abc'))
    await damage(store, collections.queue, [1, 1, createTask('b').operationId])
    if (isSeenBefore) {
      expect(pendingOperations(buffer)).toEqual(operations(named('ac')))
      await nextTurn()
    }
    expect(await buffer.append(createTask('b'), stampOf(2))).toBe('buffered')
    expect(pending('b')).toMatchObject({ stamp: stampOf(2), sequence: 3 })
    await nextTurn()
    expect(buffer.level()).toMatchObject({ count: 3, quarantined: 1 })
    await reopen()
    expect(pendingOperations(buffer)).toEqual(operations(named('acb')))
    expectConsistent(store)
  })
})
