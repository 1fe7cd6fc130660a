import { rm } from 'node:fs/promises'
import { afterAll, beforeAll } from 'vitest'
import { openDatabase, type Database } from '../database/open-database.ts'
import { embeddedDirectory } from '../pglite/embedded-directory.fixture.ts'
import { deadlines } from '../store/database.fixture.ts'
import { createOperationStore } from '../store/operation-store.postgres.ts'
import { createReadDatabase } from './read-database.ts'
import { registerTaskListExam } from './task-list-exam.fixture.ts'
import { createTaskRepository } from './task-repository.postgres.ts'

let directory: string
let database: Database
beforeAll(async () => {
  directory = await embeddedDirectory()
  database = await openDatabase({ mode: 'embedded', directory }, { deadlines, onProgress: () => undefined })
  await database.migrate()
}, 60_000)
afterAll(async () => {
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

registerTaskListExam('the embedded database', () => ({
  tasks: createTaskRepository(createReadDatabase(database.lanes, 5_000)),
  store: createOperationStore(database.lanes),
}))
