import { HybridClock } from '@holdfast/domain/hybrid-clock'
import type { InstanceId } from '@holdfast/domain/identifiers'
import type { TaskCommand } from '@holdfast/domain/task'
import { createDatabaseGate } from '@holdfast/engine/database-gate'
import { serverDeadlines } from '@holdfast/engine/deadlines'
import { noExpiry } from '@holdfast/engine/expiry'
import { silentBus } from '@holdfast/engine/silent-bus'
import { startInstance } from '@holdfast/engine/start-instance'
import type { Database } from '@holdfast/postgres/open-database'
import { createOperationStore } from '@holdfast/postgres/operation-store.postgres'
import { createReadDatabase } from '@holdfast/postgres/read-database'
import { createSessionRepository } from '@holdfast/postgres/session-repository.postgres'
import { createTestLog } from '@holdfast/testkit/log'
import { realClock } from '@holdfast/testkit/real-clock'
import { openBenchBuffer } from '../buffer/bench-buffer.ts'

export interface DrainingInstance {
  /** Buffers commands as an outage would, behind the drain's back. */
  fill(commands: readonly TaskCommand[]): Promise<void>
  /** Drains all that is pending. Rejects if something stays or died. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** A real instance, its buffer below the directory with room for so many operations at a time, over a real database that answers. */
export async function openDrainingInstance(database: Database, directory: string, operations: number): Promise<DrainingInstance> {
  const { buffer, close } = await openBenchBuffer(directory, operations)
  const gate = createDatabaseGate(realClock, serverDeadlines)
  const instance = await startInstance({
    buffer,
    bus: silentBus,
    clock: realClock,
    deadlines: serverDeadlines,
    expiry: noExpiry,
    gate,
    log: createTestLog(),
    operationStore: createOperationStore(database.lanes),
    sessions: createSessionRepository(createReadDatabase(database.lanes, serverDeadlines.readMs, gate)),
  })
  const stamps = new HybridClock('buffered' as InstanceId, () => realClock.now(), buffer.highestStamp)
  return {
    async fill(commands) {
      const results = await Promise.all(commands.map((command) => buffer.append(command, stamps.next())))
      if (results.some((result) => result !== 'buffered')) throw new Error('A command was not buffered.')
    },
    async drain() {
      await instance.drain.tick()
      const { count, deadLetters } = buffer.level()
      if (count + deadLetters > 0) throw new Error(`${count} operations were not drained, and ${deadLetters} died.`)
    },
    async close() {
      await instance.stop()
      await close()
    },
  }
}
