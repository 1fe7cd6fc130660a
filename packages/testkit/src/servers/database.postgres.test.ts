import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWhen, postgresAvailability } from './availability.ts'
import { startProcess } from './child-process.ts'
import { testDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { templateName } from './database-template.ts'
import { directoryChecksum } from './directory-checksum.ts'
import { administer } from './postgres-administration.ts'
import { isOwnerGone, ownerTag } from './run-owner.ts'
import { sharedServerUrl } from './shared-servers.ts'

describeWhen(postgresAvailability(), 'a database for a test', () => {
  let serverUrl: string
  let sql: Sql
  const directories: string[] = []
  const templates = new Set<string>()
  const databases: TestDatabase[] = []

  beforeAll(async () => {
    serverUrl = process.env['TEST_DATABASE_URL'] || (await sharedServerUrl('postgres'))
    sql = postgres(serverUrl, { max: 16, onnotice: () => {} })
  })
  afterAll(async () => {
    await dropAll([...databases.map(({ name }) => name), ...templates])
    for (const directory of directories) await rm(directory, { recursive: true })
    await sql?.end({ timeout: 5 })
  })

  // Together, because every drop waits for a checkpoint.
  const dropAll = (names: readonly string[]) => Promise.all(names.map((name) => sql.unsafe(`drop database if exists ${name}`)))
  const isThere = async (name: string) => (await sql`select 1 from pg_database where datname = ${name}`).length === 1

  /** Migrations that no other run has, and a count of how often they were run. */
  const migrations = async () => {
    const migrationsDirectory = await mkdtemp(join(tmpdir(), 'holdfast-migrations-'))
    directories.push(migrationsDirectory)
    const change = async () => {
      await writeFile(join(migrationsDirectory, '0001_items.sql'), `create table items (name text); -- ${Math.random()}`)
      const template = templateName(await directoryChecksum(migrationsDirectory))
      templates.add(template)
      return template
    }
    const template = await change()
    let runs = 0
    const migrate = async (url: string) => {
      runs++
      const file = await readFile(join(migrationsDirectory, '0001_items.sql'), 'utf8')
      await administer(url, (connection) => connection.unsafe(file))
    }
    const make = async () => {
      const database = await testDatabase({ migrationsDirectory, migrate })
      databases.push(database)
      return database
    }
    return { migrationsDirectory, template, change, make, migrate, runs: () => runs }
  }

  test('is migrated, and nobody else writes into it', async () => {
    const { make, runs } = await migrations()
    const [first, second] = [await make(), await make()]
    await administer(first.url, (connection) => connection`insert into items values ('mine')`)
    expect(await administer(first.url, (connection) => connection`select name from items`)).toMatchObject([{ name: 'mine' }])
    expect(await administer(second.url, (connection) => connection`select name from items`)).toHaveLength(0)
    expect(runs()).toBe(1)
  })

  test('is gone after its drop, whoever is still connected', async () => {
    const { make } = await migrations()
    const database = await make()
    const straggler = postgres(database.url, { max: 1, onnotice: () => {} })
    await straggler`select 1`
    await database.drop()
    expect(await isThere(database.name)).toBe(false)
    await straggler.end({ timeout: 0 })
  })

  test('comes from a new template when a migration changes', async () => {
    const { make, change, template, runs } = await migrations()
    await make()
    const changed = await change()
    await make()
    expect(runs()).toBe(2)
    expect(await isThere(template)).toBe(true)
    expect(await isThere(changed)).toBe(true)
  })

  test('several processes at once make one template', async () => {
    const { migrationsDirectory } = await migrations()
    const tallyDirectory = await mkdtemp(join(tmpdir(), 'holdfast-tally-'))
    directories.push(tallyDirectory)
    const tally = join(tallyDirectory, 'runs')
    const here = (file: string) => new URL(file, import.meta.url).href
    const program = `
      import { appendFileSync } from 'node:fs'
      import { testDatabase } from '${here('database.ts')}'
      import { administer } from '${here('postgres-administration.ts')}'
      const migrate = async (url) => {
        appendFileSync('${tally}', 'x')
        await administer(url, (sql) => sql.unsafe('create table items (name text); select pg_sleep(0.2)'))
      }
      const made = await Promise.all([1, 2].map(() => testDatabase({ migrationsDirectory: '${migrationsDirectory}', migrate })))
      for (const database of made) await administer(database.url, (sql) => sql\`insert into items values ('here')\`)
      for (const database of made) await database.drop()
      console.log('done')`
    const running = [1, 2, 3].map(() =>
      startProcess({
        command: process.execPath,
        args: ['--input-type=module', '-e', program],
        env: { TEST_DATABASE_URL: serverUrl },
        readyWhen: /done/,
        timeoutMs: 20_000,
      }),
    )
    const outcomes = await Promise.allSettled(running)
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.stop()
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(await readFile(tally, 'utf8')).toBe('x')
  })

  test('a migration that fails leaves no template, and the next one starts afresh', async () => {
    const { make, migrate, migrationsDirectory, template } = await migrations()
    const failing = async (url: string) => {
      await migrate(url)
      throw new Error('no more')
    }
    await expect(testDatabase({ migrationsDirectory, migrate: failing })).rejects.toThrow('no more')
    expect(await isThere(template)).toBe(false)
    const drafts = await sql`select datname from pg_database where datname like ${`${template.replace('template', 'making')}%`}`
    expect(drafts).toHaveLength(0)
    const database = await make()
    expect(await administer(database.url, (connection) => connection`select * from items`)).toHaveLength(0)
  })

  test('drops what dead runs left, and nothing else', async () => {
    const { make, template } = await migrations()
    const [machine] = ownerTag().split('_')
    const dead = `${machine}_${spawnSync(process.execPath, ['-e', '']).pid}`
    expect(isOwnerGone(dead)).toBe(true)
    const checksum = template.replace('holdfast_template_', '')
    const left = [`holdfast_test_${dead}_00c0ffee`, `holdfast_making_${checksum}_${dead}`]
    const kept = [
      `holdfast_test_${ownerTag()}_00c0ffee`,
      `holdfast_test_ffffff_${dead.split('_')[1]}_00c0ffee`,
      `holdfast_test_mine_${dead}`,
      `holdfast_${dead}`,
      `x_holdfast_test_${dead}_00c0ffee`,
    ]
    for (const name of [...left, ...kept]) await sql.unsafe(`create database ${name} template template0`)
    await make()
    for (const name of left) expect(await isThere(name), name).toBe(false)
    for (const name of kept) expect(await isThere(name), name).toBe(true)
    await dropAll(kept)
  })

  test('drops templates that nobody used for an hour, and notes the use of its own', async () => {
    const { make, template: old, change } = await migrations()
    await make()
    await change()
    const inUse = (await migrations()).template
    const anHourAgo = new Date(Date.now() - 61 * 60_000).toISOString()
    await sql.unsafe(`comment on database ${old} is 'used ${anHourAgo}'`)
    await sql.unsafe(`create database ${inUse} template template0`)
    await sql.unsafe(`comment on database ${inUse} is 'used ${new Date(Date.now() - 59 * 60_000).toISOString()}'`)
    await make()
    expect(await isThere(old)).toBe(false)
    expect(await isThere(inUse)).toBe(true)
  })

  test('a template in use has its note renewed', async () => {
    const { make, template } = await migrations()
    await make()
    await sql.unsafe(`comment on database ${template} is 'used ${new Date(Date.now() - 50 * 60_000).toISOString()}'`)
    await make()
    const [row] = await sql`select shobj_description(oid, 'pg_database') as note from pg_database where datname = ${template}`
    expect(Date.now() - Date.parse(String(row?.['note']).replace('used ', ''))).toBeLessThan(60_000)
  })

  test('a template that somebody drops is made again', async () => {
    const { make, template, runs } = await migrations()
    await make()
    await dropAll([template])
    await make()
    expect(runs()).toBe(2)
  })
})
