import { createTestClock } from '@holdfast/testkit/clock'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { StoreError, type StoreCall, type StoreFailure } from '@holdfast/usecases/ports/operation-store'
import { expect, test } from 'vitest'
import { serverDeadlines } from '../apply/deadlines.ts'
import { createPhysicalTime } from '../time/physical-time.ts'
import { createDatabaseGate } from './database-gate.ts'
import { createGatedStore } from './gated-store.ts'

const answerMs = serverDeadlines.writeMs

/** How the gate is after two calls that were answered so, as late as a write waits. */
async function gateAfter(lane: StoreCall['lane'], failure: StoreFailure | null) {
  const clock = createTestClock()
  const store = createMemoryOperationStore(() => clock.now())
  store.beforeCall = () => {
    clock.advance(answerMs)
    if (failure !== null) throw new StoreError(failure)
  }
  const gate = createDatabaseGate(clock, serverDeadlines)
  const gated = createGatedStore(store, gate, createPhysicalTime(clock))
  for (let call = 0; call < 2; call++)
    await gated.read('task', [], [], { lane, deadlineMs: 10_000 }).catch((error: unknown) => expect(error).toBeInstanceOf(StoreError))
  return gate.state().kind
}

test.each([
  ['direct-0', null, 'open'],
  ['direct-0', 'contended', 'open'],
  ['direct-0', 'unavailable', 'open'],
  ['drain', null, 'closed'],
  ['drain', 'contended', 'closed'],
  ['drain', 'invalid', 'closed'],
  ['drain', 'unavailable', 'open'],
  ['drain', 'unknown', 'open'],
] as const)('slow answers to %s, %s: the gate is %s', async (lane, failure, expected) => {
  expect(await gateAfter(lane, failure)).toBe(expected)
})
