import { setTimeout as sleep } from 'node:timers/promises'
import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId, OperationId } from '@holdfast/domain/identifiers'
import type { ExaminedInstance, ExaminedOutcome, WritePortSubject } from '@holdfast/testkit/examined-instance'
import { createTestLog } from '@holdfast/testkit/log'
import { createMemoryOperationStore } from '@holdfast/testkit/operation-store.memory'
import { realClock } from '@holdfast/testkit/real-clock'
import { registerWritePortExam } from '@holdfast/testkit/write-port-exam'
import { StoreError, type OperationStore } from '@holdfast/usecases/ports/operation-store'
import { applyCommands } from '../apply/apply-commands.ts'
import { createUnbufferedWriter } from './unbuffered-writer.ts'

const writeMs = 300
const memory = createMemoryOperationStore()
// As a real store takes its time, so that instances meet in between; and it cannot hold what Postgres cannot.
memory.beforeCall = async (_call, batch) => {
  await sleep(Math.random() * 2)
  if (batch?.rows.some(({ row }) => JSON.stringify(row).includes('\\u0000'))) throw new StoreError('invalid', '22P05')
}

let frozen: Promise<void> | null = null
/** While frozen it answers nothing, and does what it was sent when it thaws. */
const freezing: OperationStore = {
  read: (...request) => unanswered(request[3].deadlineMs, 'unavailable', () => memory.read(...request)),
  commit: (...request) => unanswered(request[2].deadlineMs, 'unknown', () => memory.commit(...request)),
}
async function unanswered<T>(deadlineMs: number, failure: 'unavailable' | 'unknown', work: () => Promise<T>): Promise<T> {
  if (frozen === null) return work()
  void frozen.then(work).catch(() => undefined)
  await sleep(deadlineMs)
  throw new StoreError(failure)
}

function instance(name: string, store: OperationStore): ExaminedInstance {
  const id = name as InstanceId
  const dependencies = {
    clock: realClock,
    hybridClock: new HybridClock(id, () => realClock.now()),
    instance: id,
    log: createTestLog(),
    store,
  }
  return {
    store,
    writes: createUnbufferedWriter(dependencies, writeMs),
    async apply(items, delivery, hybridClock) {
      const outcomes = new Map<OperationId, ExaminedOutcome>()
      const call = { delivery, lane: 'drain', deadlineAt: realClock.monotonic() + 30_000 } as const
      await applyCommands({ ...dependencies, hybridClock }, 'task', items, call, ({ command }, settled) =>
        outcomes.set(command.operationId, settled),
      )
      return outcomes
    },
  }
}

const subject: WritePortSubject = {
  instances: [instance('examined', freezing), instance('stranger', memory)],
  async holdRow(id) {
    memory.locked.add(id)
    return async () => void memory.locked.delete(id)
  },
  async freeze() {
    const { promise, resolve } = Promise.withResolvers<void>()
    frozen = promise
    return async () => {
      frozen = null
      resolve()
      await sleep(20)
    }
  },
}
registerWritePortExam('memory', () => subject)
