import { randomBytes } from 'node:crypto'
import type { Config } from '@holdfast/config/config'
import { acquireDirectoryLock } from '@holdfast/durable-files/directory-lock'
import { createDatabaseGate } from '@holdfast/engine/database-gate'
import { embeddedDeadlines, serverDeadlines } from '@holdfast/engine/deadlines'
import { noExpiry } from '@holdfast/engine/expiry'
import { noBuffer } from '@holdfast/engine/no-buffer'
import { silentBus } from '@holdfast/engine/silent-bus'
import { startInstance } from '@holdfast/engine/start-instance'
import { createLog } from '@holdfast/observability/log'
import { createGrantRepository } from '@holdfast/postgres/grant-repository.postgres'
import { openDatabase } from '@holdfast/postgres/open-database'
import { createOperationStore } from '@holdfast/postgres/operation-store.postgres'
import { createReadDatabase } from '@holdfast/postgres/read-database'
import { createSessionRepository } from '@holdfast/postgres/session-repository.postgres'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { GrantRepository } from '@holdfast/usecases/ports/grant-repository'
import type { WritePort } from '@holdfast/usecases/ports/write-port'

/** What a command needs of the stores. */
export interface OpenStores {
  readonly clock: Clock
  readonly grants: GrantRepository
  readonly writes: WritePort
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: (byteLength) => randomBytes(byteLength),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/**
 * Opens the stores of a service that does not run, for as long as `use` takes. Rejects with one clear error where another
 * process holds the data directory or the database cannot be reached.
 */
export async function withStores<Result>(config: Config, use: (stores: OpenStores) => Promise<Result>): Promise<Result> {
  const { database: choice, dataDirectory } = config
  await using stack = new AsyncDisposableStack()
  const lock = await acquireDirectoryLock(dataDirectory)
  stack.defer(() => lock.release())
  const deadlines = choice.mode === 'embedded' ? embeddedDeadlines : serverDeadlines
  const onProgress = (message: string): void => void process.stderr.write(`${message}\n`)
  const database = await openDatabase(choice, { deadlines, onProgress })
  stack.defer(() => database.close())
  await database.migrate()
  const readDatabase = createReadDatabase(database.lanes, deadlines.readMs)
  const instance = await startInstance({
    // What a command of the operator changes is committed, or refused.
    buffer: noBuffer,
    bus: silentBus,
    clock,
    expiry: noExpiry,
    gate: createDatabaseGate(clock, deadlines),
    log: createLog({ level: 'silent' }),
    operationStore: createOperationStore(database.lanes),
    sessions: createSessionRepository(readDatabase),
    deadlines,
  })
  stack.defer(() => instance.stop())
  return await use({ clock, grants: createGrantRepository(readDatabase), writes: instance.writes })
}
