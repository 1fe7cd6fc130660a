import { rm } from 'node:fs/promises'
import { registerOperationStoreExam } from '@holdfast/testkit/operation-store-exam'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'
import { afterAll, beforeAll } from 'vitest'
import { openDatabase, type Database } from '../database/open-database.ts'
import { embeddedDirectory } from '../pglite/embedded-directory.fixture.ts'
import { deadlines } from './database.fixture.ts'
import { createOperationStore } from './operation-store.postgres.ts'

let directory: string
let database: Database
let store: OperationStore
beforeAll(async () => {
  directory = await embeddedDirectory()
  database = await openDatabase({ mode: 'embedded', directory }, { deadlines, onProgress: () => undefined })
  await database.migrate()
  store = createOperationStore(database.lanes)
}, 60_000)
afterAll(async () => {
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

registerOperationStoreExam('the embedded database', () => ({ store, other: store }))
