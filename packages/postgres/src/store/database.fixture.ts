import { testDatabase, type TestDatabase } from '@holdfast/testkit/database'
import { migrationsDirectory, openDatabase, type Database } from '../database/open-database.ts'

/** Generous: tests run beside others on two cores. */
export const deadlines = { lockMs: 100, statementMs: 5_000, connectMs: 5_000, readMs: 5_000 }
const onProgress = (): void => undefined

/** Connections of one instance to a server. */
export const openServer = (url: string): Promise<Database> => openDatabase({ mode: 'postgres', url }, { deadlines, onProgress })

/** A migrated database of its own on a real server. */
export const migratedDatabase = (): Promise<TestDatabase> =>
  testDatabase({
    migrationsDirectory,
    async migrate(url) {
      const database = await openServer(url)
      await database.migrate()
      await database.close()
    },
  })
