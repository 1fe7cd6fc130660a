import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import { cloneTemplate, dropDatabase, keepTemplates, tolerate } from './database-template.ts'
import type { ListedDatabase } from './database-template.ts'
import { directoryChecksum } from './directory-checksum.ts'
import { administer, databaseUrl } from './postgres-administration.ts'
import { isOwnerGone, ownerTag } from './run-owner.ts'
import { sharedServerUrl } from './shared-servers.ts'

/** Databases that we made and that carry their maker: those of tests, and templates that were never finished. */
const ownedPattern = /^holdfast_(?:test|making_[0-9a-f]{16})_([0-9a-f]{6}_\d+)(?:_[0-9a-f]{8})?$/
const maxDroppedAtOnce = 8

export interface TestDatabase {
  url: string
  name: string
  /** Drops it, ending whatever connections it has. */
  drop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** The template is made anew when any file below it changes. */
  migrationsDirectory: string
  /** Brings an empty database to the newest migration. Must leave no connection open. */
  migrate: (url: string) => Promise<void>
}

/**
 * A migrated database of our own, cloned from a template, on the server named by `TEST_DATABASE_URL`, else on one
 * that is started for the tests. Its user must be allowed to create databases. Databases of dead runs of this
 * machine and templates that nobody used for an hour are dropped; nothing else there is touched.
 */
export async function testDatabase({ migrationsDirectory, migrate }: TestDatabaseOptions): Promise<TestDatabase> {
  const checksum = await directoryChecksum(migrationsDirectory)
  const serverUrl = process.env['TEST_DATABASE_URL'] || (await sharedServerUrl('postgres'))
  const name = `holdfast_test_${ownerTag()}_${randomBytes(4).toString('hex')}`
  await administer(serverUrl, async (sql) => {
    const databases = await listDatabases(sql)
    await dropOrphans(serverUrl, databases)
    await keepTemplates(sql, databases, checksum, Date.now())
    await cloneTemplate(sql, { checksum, serverUrl, migrate }, name)
  })
  return { url: databaseUrl(serverUrl, name), name, drop: () => administer(serverUrl, (sql) => dropDatabase(sql, name)) }
}

async function listDatabases(sql: Sql): Promise<ListedDatabase[]> {
  return sql<ListedDatabase[]>`
    select datname as name, shobj_description(oid, 'pg_database') as note
    from pg_database where starts_with(datname, 'holdfast_')`
}

// Together, on a connection each: every drop waits for a checkpoint, and together they share one.
async function dropOrphans(serverUrl: string, databases: readonly ListedDatabase[]): Promise<void> {
  const orphans = databases.filter(({ name }) => {
    const owner = ownedPattern.exec(name)?.[1]
    return owner !== undefined && isOwnerGone(owner)
  })
  const drops = orphans.slice(0, maxDroppedAtOnce).map(({ name }) => tolerate(administer(serverUrl, (sql) => dropDatabase(sql, name))))
  await Promise.all(drops)
}
