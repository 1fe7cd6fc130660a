import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase, type TestDatabase } from '@holdfast/testkit/database'

/** A database of its own without a table, on the server that tests may use. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const migrationsDirectory = mkdtempSync(join(tmpdir(), 'holdfast-none-'))
  try {
    return await testDatabase({ migrationsDirectory, migrate: async () => {} })
  } finally {
    rmSync(migrationsDirectory, { recursive: true, force: true })
  }
}
