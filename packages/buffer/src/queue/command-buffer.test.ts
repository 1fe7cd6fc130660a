import type { CommandBuffer, PendingCommand } from '@holdfast/usecases/ports/command-buffer'
import type { MemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { collections } from './collections.ts'
import { commitLimits, maxRecordBytes } from './limits.ts'
import {
  appendAll,
  createTask,
  emptyStore,
  endSession,
  expectConsistent,
  open,
  pendingOperations,
  roomy,
  stampOf,
  bytesOf,
  named,
  operations,
  pendingIn,
} from './queue.fixture.ts'

let store: MemoryOrderedStore
let buffer: CommandBuffer
beforeEach(async () => {
  store = emptyStore()
  ;({ buffer } = await open(store))
})
const reopen = async (limits = roomy): Promise<void> => {
  ;({ buffer } = await open(store, limits))
}
const pending = (name: string): PendingCommand => pendingIn(buffer, name)

describe('append', () => {
  test('answers when the commit has resolved and no sooner', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    store.beforeCommit = () => promise
    let answer: string | null = null
    const appended = buffer.append(createTask('a'), stampOf(1)).then((result) => (answer = result))
    await nextTurn()
    expect(answer).toBeNull()
    expect(buffer.find(createTask('a').operationId)).toBeNull()
    resolve()
    expect(await appended).toBe('buffered')
    expect(pending('a')).toEqual({
      command: createTask('a'),
      stamp: stampOf(1),
      priority: 1,
      sequence: 0,
      attempts: 0,
      lastFailure: null,
      waitedMs: 0,
    })
  })

  test('64 at once make one commit, and those that arrive meanwhile the next', async () => {
    const before = store.commits()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.beforeCommit = () => promise
    const first = appendAll(
      buffer,
      Array.from({ length: 64 }, (_, index) => createTask(`first ${index}`)),
    )
    await nextTurn()
    const second = appendAll(
      buffer,
      Array.from({ length: 64 }, (_, index) => createTask(`second ${index}`)),
    )
    resolve()
    expect(new Set([...(await first), ...(await second)])).toEqual(new Set(['buffered']))
    expect(store.commits() - before).toBe(2)
    expectConsistent(store)
  })

  test('a commit is bounded by count and by bytes', async () => {
    await appendAll(
      buffer,
      Array.from({ length: 900 }, (_, index) => createTask(`${index}`)),
    )
    const sizes: number[] = []
    store.beforeCommit = (puts) => void sizes.push(puts.filter(({ collection }) => collection === collections.queue).length)
    await reopen({ ...roomy, count: 10_000, bytes: 1e9 })
    await appendAll(
      buffer,
      Array.from({ length: 1_500 }, (_, index) => createTask(`more ${index}`)),
    )
    expect(sizes).toEqual([commitLimits.count, 500])
    sizes.length = 0
    const title = 'x'.repeat(180_000)
    await appendAll(
      buffer,
      Array.from({ length: 30 }, (_, index) => createTask(`large ${index}`, { title })),
    )
    expect(sizes.length).toBe(2)
    expect(pendingOperations(buffer)).toHaveLength(2_430)
  })

  test('sequence follows the calls, over both classes and over a restart with an empty queue', async () => {
    const commands = [createTask('a'), endSession('b'), createTask('c'), endSession('d')]
    await appendAll(buffer, commands)
    expect(operations(buffer.next(0, null, 10, 1e6).map(({ command }) => command))).toEqual(operations([endSession('b'), endSession('d')]))
    expect(commands.map(({ operationId }) => buffer.find(operationId)?.sequence)).toEqual([0, 1, 2, 3])
    await buffer.dispose(
      commands.flatMap(({ operationId }) => buffer.find(operationId) ?? []).map((found) => ({ kind: 'done', pending: found })),
      1,
    )
    await reopen()
    await buffer.append(createTask('e'), stampOf(1))
    expect(pending('e').sequence).toBe(4)
  })

  test('of an operation that is pending, or under way, makes no second record', async () => {
    expect(await appendAll(buffer, [...named('aab'), createTask('a')])).toEqual(['buffered', 'buffered', 'buffered', 'buffered'])
    expect(await buffer.append(createTask('a'), stampOf(2))).toBe('buffered')
    expect(pendingOperations(buffer)).toEqual(operations(named('ab')))
    expect(pending('a').stamp).toBe(stampOf(1))
    expect(buffer.level()).toMatchObject({ count: 2, bytes: bytesOf('a') + bytesOf('b') })
  })

  test('an entity is held from the call on', async () => {
    const { entity, operationId } = createTask('a')
    expect(buffer.holds(entity)).toBe(false)
    const appended = buffer.append(createTask('a'), stampOf(1))
    expect(buffer.holds(entity)).toBe(true)
    await appended
    expect(buffer.holds(entity)).toBe(true)
    await buffer.dispose([{ kind: 'done', pending: pending('a') }], 1)
    expect(buffer.holds(entity)).toBe(false)
    expect(buffer.find(operationId)).toBeNull()
  })

  test('a record over 192 kB is refused for good, one below is not', async () => {
    expect(await buffer.append(createTask('a', { title: 'x'.repeat(192 * 1024) }), stampOf(1))).toBe('too_large')
    expect(await buffer.append(createTask('a', { title: 'x'.repeat(191 * 1024) }), stampOf(1))).toBe('buffered')
  })
})

describe('limits', () => {
  const limits = { count: 4, bytes: 1e6, actorShare: 1, reserveShare: 0.5 }

  test('by count: what is under way counts, nothing is evicted, class 0 has the reserve and no more', async () => {
    await reopen(limits)
    expect(await appendAll(buffer, named('abcdef'))).toEqual(['buffered', 'buffered', 'buffered', 'buffered', 'full', 'full'])
    expect(buffer.level()).toMatchObject({ count: 4, isAccepting: false, hasFailed: false })
    expect(await appendAll(buffer, [endSession('x'), endSession('y'), endSession('z')])).toEqual(['buffered', 'buffered', 'full'])
    expect(pendingOperations(buffer)).toEqual(operations([endSession('x'), endSession('y'), ...named('abcd')]))
    await buffer.dispose(
      ['a', 'b', 'c'].map((name) => ({ kind: 'done', pending: pending(name) })),
      1,
    )
    expect(await appendAll(buffer, named('ef'))).toEqual(['buffered', 'full'])
  })

  test('by bytes', async () => {
    const each = bytesOf('a')
    await reopen({ ...limits, count: 100, bytes: each * 2 + 1, reserveShare: 1 })
    expect(await appendAll(buffer, named('abc'))).toEqual(['buffered', 'buffered', 'full'])
    expect(buffer.level()).toMatchObject({ isAccepting: false, bytesLimit: each * 2 + 1 })
    expect(await buffer.append(endSession('x'), stampOf(1))).toBe('buffered')
  })

  test('it takes work as long as it takes the largest', async () => {
    const each = bytesOf('a')
    await reopen({ ...limits, count: 100, bytes: maxRecordBytes + each })
    await buffer.append(createTask('a'), stampOf(1))
    expect(buffer.level().isAccepting).toBe(true)
    await buffer.append(createTask('b'), stampOf(1))
    expect(buffer.level().isAccepting).toBe(false)
    expect(await buffer.append(createTask('c'), stampOf(1))).toBe('buffered')
  })

  test('an actor has a share of both, one command at least, and none of class 0', async () => {
    await reopen({ ...limits, count: 20, actorShare: 0.1 })
    const of = (actor: string, names: string) => [...names].map((name) => createTask(name, { actor }))
    expect(await appendAll(buffer, [...of('ada', 'abc'), ...of('bob', 'd')])).toEqual(['buffered', 'buffered', 'full', 'buffered'])
    expect(await appendAll(buffer, [endSession('x', { actor: 'ada' }), endSession('y', { actor: 'ada' })])).toEqual([
      'buffered',
      'buffered',
    ])
    await reopen({ ...limits, count: 20, actorShare: 0.1 })
    expect(await appendAll(buffer, [...of('ada', 'c'), ...of('bob', 'ef')])).toEqual(['full', 'buffered', 'full'])
    await reopen({ ...limits, count: 20, bytes: bytesOf('a') * 20, actorShare: 0.02 })
    expect(await appendAll(buffer, of('eve', 'gh'))).toEqual(['buffered', 'full'])
    expectConsistent(store)
  })

  test('what waits for the disk is bounded', async () => {
    await reopen({ ...roomy, count: 100_000, bytes: 1e9 })
    const { promise, resolve } = Promise.withResolvers<void>()
    store.beforeCommit = () => promise
    const title = 'x'.repeat(190_000)
    const appended = appendAll(
      buffer,
      Array.from({ length: 200 }, (_, index) => createTask(`${index}`, { title })),
    )
    const security = buffer.append(endSession('x'), stampOf(1))
    resolve()
    const results = await appended
    expect(results.filter((result) => result === 'buffered').length).toBe(Math.floor(commitLimits.waitingBytes / (title.length + 600)))
    expect(results.at(-1)).toBe('full')
    expect(await security).toBe('buffered')
  })
})

describe('a disk that refuses', () => {
  const refuse = (failure: 'full' | 'failed' | 'closed') => {
    store.beforeCommit = () => {
      throw new OrderedStoreError(failure)
    }
  }

  test('for want of room: unavailable, nothing kept, and later ones are taken', async () => {
    let hasRoom = false
    ;({ buffer } = await open(store, roomy, () => hasRoom))
    refuse('full')
    expect(buffer.level().isAccepting).toBe(false)
    expect(await appendAll(buffer, named('ab'))).toEqual(['unavailable', 'unavailable'])
    expect(buffer.level()).toMatchObject({ count: 0, isAccepting: false, hasFailed: false })
    expect(buffer.holds(createTask('a').entity)).toBe(false)
    hasRoom = true
    store.beforeCommit = () => undefined
    expect(buffer.level().isAccepting).toBe(true)
    expect(await appendAll(buffer, named('bc'))).toEqual(['buffered', 'buffered'])
    expect(pending('b').sequence).toBe(0)
    expectConsistent(store)
  })

  test('broken: unavailable from then on, also what waits; what may be on disk stays held', async () => {
    await buffer.append(createTask('z'), stampOf(1))
    refuse('failed')
    const first = buffer.append(createTask('a'), stampOf(1))
    await Promise.resolve()
    const second = buffer.append(createTask('b'), stampOf(1))
    expect([await first, await second]).toEqual(['unavailable', 'unavailable'])
    store.beforeCommit = () => undefined
    expect(await appendAll(buffer, named('cz'))).toEqual(['unavailable', 'unavailable'])
    expect(buffer.level()).toMatchObject({ count: 1, isAccepting: false, hasFailed: true })
    expect(buffer.holds(createTask('a').entity)).toBe(true)
    expect(buffer.holds(createTask('c').entity)).toBe(false)
    await expect(buffer.dispose([{ kind: 'done', pending: pending('z') }], 1)).rejects.toMatchObject({ failure: 'failed' })
    expect(pendingOperations(buffer)).toEqual(operations(named('z')))
  })

  test('broken while disposing: nothing has changed, and nothing is taken any more', async () => {
    await buffer.append(createTask('a'), stampOf(1))
    refuse('failed')
    await expect(buffer.dispose([{ kind: 'dead', pending: pending('a'), reason: 'WRITE_EXPIRED' }], 1)).rejects.toBeInstanceOf(
      OrderedStoreError,
    )
    expect(buffer.level()).toMatchObject({ count: 1, deadLetters: 0, hasFailed: true })
    expect(await buffer.append(createTask('b'), stampOf(1))).toBe('unavailable')
  })

  test('a store that cannot be read takes nothing', async () => {
    const unreadable = () => {
      throw new OrderedStoreError('closed')
    }
    Object.assign(store, { range: unreadable, keys: unreadable })
    expect(await buffer.append(createTask('a'), stampOf(1))).toBe('unavailable')
    expect(buffer.level().count).toBe(0)
  })

  test('an id that no key can hold is a mistake of the caller, and spoils no commit', async () => {
    const bad = buffer.append({ ...createTask('a'), entity: 'ä' as never }, stampOf(1))
    const good = buffer.append(createTask('b'), stampOf(1))
    await expect(bad).rejects.toBeInstanceOf(RangeError)
    expect(await good).toBe('buffered')
  })

  test('an error that it does not know counts as broken, and closed does not', async () => {
    refuse('closed')
    expect(await buffer.append(createTask('a'), stampOf(1))).toBe('unavailable')
    expect(buffer.level().hasFailed).toBe(false)
    store.beforeCommit = () => {
      throw new Error('out of the blue')
    }
    expect(await buffer.append(createTask('a'), stampOf(1))).toBe('unavailable')
    expect(buffer.level().hasFailed).toBe(true)
  })

  test('a removal that it refuses for want of room leaves all as it was, and can be done again', async () => {
    await appendAll(buffer, named('ab'))
    refuse('full')
    await expect(buffer.dispose([{ kind: 'done', pending: pending('a') }], 1)).rejects.toMatchObject({ failure: 'full' })
    store.beforeCommit = () => undefined
    await buffer.dispose([{ kind: 'done', pending: pending('a') }], 1)
    expect(pendingOperations(buffer)).toEqual(operations(named('b')))
    expectConsistent(store)
  })
})
