import { fileURLToPath } from 'node:url'
import type { Lane } from '../lanes/lane.ts'
import { createPostgresLane } from '../lanes/lane.postgres.ts'
import { createLaneSet, type LaneSet } from '../lanes/lane-set.ts'
import { migrate, type MigrationResult } from '../migrations/migrate.ts'
import { openEmbeddedDatabase } from '../pglite/embedded-database.ts'

/** The repository’s `drizzle/`: named SQL files, run at start. */
export const migrationsDirectory = fileURLToPath(new URL('../../../../drizzle', import.meta.url))

export type DatabaseChoice = { readonly mode: 'embedded'; readonly directory: string } | { readonly mode: 'postgres'; readonly url: string }

export interface DatabaseOptions {
  readonly deadlines: { readonly lockMs: number; readonly statementMs: number; readonly connectMs: number; readonly readMs: number }
  /** Told of every step that may take over a second. */
  readonly onProgress: (message: string) => void
}

/** All connections of one instance to its database. */
export interface Database {
  readonly lanes: LaneSet
  /** Brings the schema up to date; safe at any number of instances at once. Rejects as `migrate` does. */
  migrate(): Promise<MigrationResult>
  close(): Promise<void>
}

/** Migrations may take longer than any request’s statement. */
const migrationStatementMs = 60_000

/**
 * Opens the lanes to a server, which are connected when first used, or the embedded database, which is made if there is none.
 * Rejects with one clear error where the embedded database cannot be opened.
 */
export async function openDatabase(choice: DatabaseChoice, options: DatabaseOptions): Promise<Database> {
  return choice.mode === 'postgres' ? openServer(choice.url, options) : openEmbedded(choice.directory, options)
}

function openServer(url: string, { deadlines, onProgress }: DatabaseOptions): Database {
  const lanes = createLaneSet(({ kind, name, onStatement }) =>
    createPostgresLane({
      url,
      name: `holdfast ${name}`,
      connectTimeoutMs: deadlines.connectMs,
      statementTimeoutMs: kind === 'read' ? deadlines.readMs : deadlines.statementMs,
      lockTimeoutMs: deadlines.lockMs,
      onStatement,
    }),
  )
  const migrateOnce = (): Promise<MigrationResult> => {
    const connectTimeoutMs = 2_000
    const lane = createPostgresLane({
      url,
      name: 'holdfast migration',
      connectTimeoutMs,
      statementTimeoutMs: migrationStatementMs,
      lockTimeoutMs: migrationStatementMs,
    })
    return migrateOver(lane, onProgress)
  }
  return { lanes, migrate: migrateOnce, close: () => lanes.close() }
}

async function openEmbedded(directory: string, { onProgress }: DatabaseOptions): Promise<Database> {
  const embedded = await openEmbeddedDatabase({ directory, onProgress })
  const lanes = createLaneSet(({ onStatement }) => embedded.lane({ onStatement }))
  return {
    lanes,
    migrate: () => migrateOver(embedded.lane(), onProgress),
    async close() {
      await lanes.close()
      await embedded.close()
    },
  }
}

async function migrateOver(lane: Lane, onProgress: (message: string) => void): Promise<MigrationResult> {
  try {
    return await migrate(lane, migrationsDirectory, { onProgress })
  } finally {
    await lane.close()
  }
}
