import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, OperationId, TaskId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import { beforeEach, expect, test } from 'vitest'
import { batchLimits } from './direct-lane.ts'
import { createUnbufferedWriter } from './unbuffered-writer.ts'

let store = createMemoryOperationStore()
let clock = createTestClock()
let writes: WritePort
const writeMs = 400
beforeEach(() => {
  clock = createTestClock()
  store = createMemoryOperationStore()
  const instance = 'instance' as InstanceId
  const hybridClock = new HybridClock(instance, () => clock.now())
  writes = createUnbufferedWriter({ clock, hybridClock, instance, log: createTestLog(), store }, writeMs)
})
const submitAll = (commands: readonly TaskCommand[]) => Promise.all(commands.map((command) => writes.submit(command)))

test('64 concurrent creates take at most 6 statements', async () => {
  const receipts = await submitAll(Array.from({ length: 64 }, () => createCommand()))
  expect(receipts.every(({ state }) => state === 'committed')).toBe(true)
  expect(store.calls.read + store.calls.commit).toBeLessThanOrEqual(6)
})

test('commands on one entity keep the order of their submission', async () => {
  const made = createCommand()
  const titles = Array.from({ length: 30 }, (_, index) => `title ${index}`)
  const receipts = await submitAll([made, ...titles.map((title) => patchCommand(made, { title }))])
  expect(receipts.map((receipt) => receipt.state === 'committed' && receipt.row.revision)).toEqual(receipts.map((_, index) => index + 1))
  expect(store.rows('task')).toMatchObject([{ revision: 31, title: 'title 29' }])
})

test('a command that arrives while another on its entity is under way comes after it', async () => {
  const made = createCommand()
  await writes.submit(made)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  store.beforeCall = () => {
    store.beforeCall = () => undefined
    return held
  }
  const first = writes.submit(patchCommand(made, { title: 'first' }))
  await new Promise((resolve) => setImmediate(resolve))
  const second = writes.submit(patchCommand(made, { title: 'second' }))
  release()
  expect(await first).toMatchObject({ state: 'committed', row: { title: 'first', revision: 2 } })
  expect(await second).toMatchObject({ state: 'committed', row: { title: 'second', revision: 3 } })
})

test('the same key again is answered as the first time; another request under it is refused', async () => {
  const command = createCommand({ fingerprint: 'f' })
  const first = await writes.submit(command)
  expect(await writes.submit({ ...command, acceptedAt: command.acceptedAt + 5 })).toEqual({
    ...first,
    isReplay: true,
    consistencyToken: 'instance.2',
  })
  expect(await writes.submit({ ...command, fingerprint: 'g' })).toMatchObject({ state: 'refused', code: 'IDEMPOTENCY_KEY_REUSED' })
})

test('the same key while the first is under way is refused', async () => {
  const command = createCommand({ fingerprint: 'f' })
  const [first, second] = await submitAll([command, command])
  expect(first).toMatchObject({ state: 'committed' })
  expect(second).toMatchObject({ state: 'refused', code: 'IDEMPOTENCY_KEY_IN_FLIGHT' })
})

test('a refused command frees its key', async () => {
  const operationId = newId<OperationId>()
  const taken = createCommand()
  await writes.submit(taken)
  expect(await writes.submit(createCommand({ operationId, entity: taken.entity }))).toMatchObject({
    state: 'refused',
    code: 'TASK_ID_TAKEN',
  })
  expect(await writes.submit(createCommand({ operationId }))).toMatchObject({ state: 'committed', isReplay: false })
})

test.each([
  ['unavailable', { state: 'refused', code: 'STORE_UNAVAILABLE' }],
  ['unknown', { state: 'unknown' }],
  ['misconfigured', { state: 'refused', code: 'STORE_UNAVAILABLE' }],
] as const)('a store that is %s', async (failure, receipt) => {
  store.beforeCall = () => {
    throw new StoreError(failure)
  }
  expect(await writes.submit(createCommand())).toMatchObject(receipt)
})

test('what waited behind a stalled batch until little of its deadline was left is refused, not sent', async () => {
  const even = '00000000-0000-8000-8000-000000000000' as TaskId
  let release = () => {}
  store.beforeCall = () => new Promise<void>((resolve) => (release = resolve))
  const first = writes.submit(createCommand({ entity: even }))
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  const second = writes.submit(createCommand({ entity: even.replace(/0$/, '2') as TaskId }))
  clock.advance(writeMs * 0.9)
  store.beforeCall = () => undefined
  release()
  expect(await first).toMatchObject({ state: 'committed' })
  expect(await second).toMatchObject({ state: 'refused', code: 'STORE_UNAVAILABLE' })
  expect(store.calls.commit).toBe(1)
})

test('the queue is bounded: what does not fit is refused at once', async () => {
  store.beforeCall = () => new Promise<void>(() => {})
  const even = (index: number) => `00000000-0000-8000-8000-${(index * 2).toString(16).padStart(12, '0')}` as TaskId
  const asked = Array.from({ length: batchLimits.waiting + 1 }, (_, index) => writes.submit(createCommand({ entity: even(index) })))
  expect(await asked.at(-1)).toMatchObject({ state: 'refused', code: 'STORE_OVERLOADED' })
})

test('batches are bounded by commands and by bytes', async () => {
  const sizes: number[] = []
  store.beforeCall = (_call, batch) => void sizes.push(batch?.rows.length ?? 0)
  await submitAll(Array.from({ length: 600 }, () => createCommand()))
  expect(Math.max(...sizes)).toBe(batchLimits.commands)
  sizes.length = 0
  await submitAll(Array.from({ length: 60 }, () => createCommand({}, { description: 'x'.repeat(20_000) })))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(13)
})
