import { commandBufferCollections, openCommandBuffer } from '@holdfast/buffer/command-buffer'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import { makeStamp } from '@holdfast/domain/stamp'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOrderedStore } from '@holdfast/testkit/ordered-store.memory'
import { OrderedStoreError } from '@holdfast/usecases/ports/ordered-store'
import { expect, test } from 'vitest'
import { createStampReserve } from './stamp-reserve.ts'

const instance = 'instance' as InstanceId
const limits = { count: 10, bytes: 100_000, actorShare: 1, reserveShare: 0.1 }

async function parts() {
  const clock = createTestClock()
  const ordered = createMemoryOrderedStore(commandBufferCollections)
  const log = createTestLog()
  const open = () => openCommandBuffer({ store: ordered, clock, log, limits })
  const hybridClock = new HybridClock(instance, () => clock.now())
  const reserve = createStampReserve({ hybridClock, physicalNow: () => clock.now(), instance, buffer: await open(), log })
  /** As a write does. */
  const write = async () => {
    reserve.prepare()
    const stamp = hybridClock.next()
    await reserve.covered()
    return stamp
  }
  return { clock, hybridClock, log, open, ordered, reserve, write }
}

test('after a restart no stamp is earlier than one that was acknowledged, though the wall clock steps back by a month', async () => {
  const { clock, open, write } = await parts()
  let latest = await write()
  for (let second = 0; second < 20; second++) {
    clock.advance(1_000)
    latest = await write()
  }
  const reopened = await open()
  const restarted = new HybridClock(instance, () => clock.now() - 30 * 24 * 3_600_000, reopened.highestStamp)
  expect(restarted.next() > latest).toBe(true)
})

test('a stamp from far ahead is covered before the write that follows it is acknowledged', async () => {
  const { clock, hybridClock, open, write } = await parts()
  await write()
  hybridClock.receive(makeStamp(clock.now() + 600_000, 5, 'stranger' as InstanceId))
  const latest = await write()
  expect(((await open()).highestStamp ?? '') > latest).toBe(true)
})

test('a stamp from far ahead is covered also while the reserve is being extended for earlier ones', async () => {
  const { clock, hybridClock, open, ordered, reserve, write } = await parts()
  const { promise, resolve } = Promise.withResolvers<void>()
  let isFirst = true
  ordered.beforeCommit = () => {
    if (!isFirst) return undefined
    isFirst = false
    return promise
  }
  reserve.prepare()
  hybridClock.receive(makeStamp(clock.now() + 600_000, 5, 'stranger' as InstanceId))
  const written = write()
  resolve()
  const latest = await written
  expect(((await open()).highestStamp ?? '') > latest).toBe(true)
})

test('writes in one second share one flush, and mostly wait for none', async () => {
  const { clock, ordered, reserve, hybridClock, write } = await parts()
  await write()
  const before = ordered.commits()
  clock.advance(1_000)
  for (let index = 0; index < 100; index++) {
    reserve.prepare()
    hybridClock.next()
    expect(reserve.covered()).toBeNull()
  }
  expect(ordered.commits() - before).toBeLessThanOrEqual(1)
})

test('a disk that refuses holds up no write, and is said once in a while', async () => {
  const { ordered, log, write } = await parts()
  ordered.beforeCommit = () => {
    throw new OrderedStoreError('full')
  }
  for (let index = 0; index < 50; index++) await write()
  expect(log.lines.filter(({ message }) => message === 'stamps could not be reserved on disk')).toHaveLength(1)
})
