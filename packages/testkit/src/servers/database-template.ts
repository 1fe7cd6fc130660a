import type { Sql } from 'postgres'
import { databaseUrl, isSqlState } from './postgres-administration.ts'
import { ownerTag } from './run-owner.ts'

/** Only processes that reach the server through the same database exclude each other; for the rest see `makeTemplate`. */
const lockKey = 7_346_201_955

const templatePattern = /^holdfast_template_[0-9a-f]{16}$/
const usedNoteEveryMs = 10 * 60_000
const templateLifeMs = 60 * 60_000

export interface Template {
  checksum: string
  serverUrl: string
  migrate: (url: string) => Promise<void>
}

/** A database of the server, and what its comment says. */
export interface ListedDatabase {
  name: string
  note: string | null
}

export function templateName(checksum: string): string {
  return `holdfast_template_${checksum}`
}

/**
 * Clones the template into `database`, making the template first if it is not there. Another run may drop it
 * between the two (it thinks it old), so there are three tries.
 */
export async function cloneTemplate(sql: Sql, template: Template, database: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sql.unsafe(`create database ${database} template ${templateName(template.checksum)}`)
      return
    } catch (error) {
      if (attempt === 3 || !isSqlState(error, '3D000', '55006')) throw error
      if (isSqlState(error, '3D000')) await makeTemplate(sql, template)
    }
  }
}

/**
 * Migrates a database under a passing name and renames it when it is whole, so that a template is never half made,
 * whoever dies or comes at the same time.
 */
async function makeTemplate(sql: Sql, { checksum, serverUrl, migrate }: Template): Promise<void> {
  await sql`select pg_advisory_lock(${lockKey}::bigint)`
  try {
    const name = templateName(checksum)
    const [existing] = await sql`select 1 from pg_database where datname = ${name}`
    if (existing !== undefined) return
    const draft = `holdfast_making_${checksum}_${ownerTag()}`
    await dropDatabase(sql, draft)
    // Not template1, into which a stranger may have put things of his own.
    await sql.unsafe(`create database ${draft} template template0`)
    try {
      await migrate(databaseUrl(serverUrl, draft))
      await noteUse(sql, draft)
      await sql.unsafe(`alter database ${draft} allow_connections false`)
      await renameToTemplate(sql, draft, name)
    } finally {
      await dropDatabase(sql, draft)
    }
  } finally {
    await sql`select pg_advisory_unlock(${lockKey}::bigint)`
  }
}

async function renameToTemplate(sql: Sql, draft: string, name: string): Promise<void> {
  try {
    await sql.unsafe(`alter database ${draft} rename to ${name}`)
  } catch (error) {
    if (isSqlState(error, '55006')) throw new Error('migrate() left a connection open: end it before it returns', { cause: error })
    // Made meanwhile by a process that came through another database: as good as ours.
    if (!isSqlState(error, '42P04')) throw error
  }
}

/** Notes that this template is in use, and drops our other ones that nobody used for an hour. */
export async function keepTemplates(sql: Sql, databases: readonly ListedDatabase[], checksum: string, nowMs: number): Promise<void> {
  for (const { name, note } of databases) {
    if (!templatePattern.test(name)) continue
    const ageMs = nowMs - Date.parse(note?.replace('used ', '') ?? '')
    // Without a readable note it was not finished by us in the usual way, or its note was removed: not ours to judge.
    if (Number.isNaN(ageMs)) continue
    if (name === templateName(checksum)) {
      if (ageMs > usedNoteEveryMs) await tolerate(noteUse(sql, name))
    } else if (ageMs > templateLifeMs) await tolerate(dropDatabase(sql, name))
  }
}

async function noteUse(sql: Sql, database: string): Promise<void> {
  await sql.unsafe(`comment on database ${database} is 'used ${new Date().toISOString()}'`)
}

export async function dropDatabase(sql: Sql, database: string): Promise<void> {
  await sql.unsafe(`drop database if exists ${database} with (force)`)
}

/** For clean-up that another process may be doing in the same moment: a refusal of the server is not our failure. */
export async function tolerate(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isSqlState(error, '3D000', '55006', '55000', 'XX000', '42501')) throw error
  }
}
