import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Lane } from '../lanes/lane.ts'
import { failureOf, registerLaneExam } from '../lanes/lane-exam.ts'
import { registerMigrationExam } from '../migrations/migration-exam.ts'
import { makeTemplate } from './cluster-template.ts'
import { createCluster } from './create-cluster.ts'
import { type EmbeddedDatabase, type EmbeddedDatabaseOptions, openEmbeddedDatabase } from './embedded-database.ts'
import { embeddedDirectory } from './embedded-directory.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'))
const opened: EmbeddedDatabase[] = []
async function open(directory: string, options: Partial<EmbeddedDatabaseOptions> = {}) {
  const database = await openEmbeddedDatabase({ directory, ...options })
  opened.push(database)
  return database
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A statement that runs for minutes. */
const endless = 'do $$ begin loop null; end loop; end $$'

function startWriter(directory: string) {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'durable-writer.fixture.ts'), directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  writer.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<void>((resolve) => writer.once('exit', () => resolve()))
  return {
    acknowledged: () => output.split('\n').slice(0, -1).map(Number),
    async kill() {
      writer.kill('SIGKILL')
      await exited
    },
  }
}

async function waitUntil(isTrue: () => boolean, timeoutMs = 15_000) {
  for (const until = performance.now() + timeoutMs; !isTrue(); await sleep(5)) {
    if (performance.now() > until) throw new Error('It did not come true in time.')
  }
}

describe('embedded database', () => {
  beforeAll(makeTemplate)

  it('is made where a making was killed in the middle: what that left is not in the way', async () => {
    const directory = join(root, 'killed')
    const writer = startWriter(directory)
    await waitUntil(() => existsSync(join(directory, 'cluster.creating', 'base')))
    await writer.kill()
    expect(readdirSync(directory).toSorted()).toEqual(['cluster.creating', 'holdfast.lock'])

    const messages: string[] = []
    const startedAt = performance.now()
    const database = await open(directory, { onProgress: (message) => messages.push(message) })
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(messages).toEqual([expect.stringContaining('Creating the embedded database')])
    expect(readdirSync(directory).toSorted()).toEqual(['cluster', 'holdfast.lock'])
    await database.close()
    expect(readdirSync(directory)).toEqual(['cluster'])
  })

  it('is made by initdb where the template cannot be copied', { timeout: 30_000 }, async () => {
    const template = join(root, 'template')
    // Nothing can be copied into itself.
    const directory = join(template, 'cluster', 'initialized')
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(template, 'cluster', 'PG_VERSION'), '18')
    await createCluster(directory, template)
    expect(readdirSync(directory)).toEqual(['cluster'])
    const lane = (await open(directory)).lane()
    expect(await lane.query('select 1', [], 2_000)).toEqual([[1]])
  })

  describe('as every lane', () => {
    let database: EmbeddedDatabase
    let lane: Lane
    beforeAll(async () => {
      database = await openEmbeddedDatabase({ directory: await embeddedDirectory(root) })
      lane = database.lane()
    })
    afterAll(() => database.close())
    registerLaneExam(() => lane)
    registerMigrationExam(() => lane)
  })

  it('opens again quickly and without a word, and refuses a second opener by directory and process', async () => {
    const directory = await embeddedDirectory(root)
    const messages: string[] = []
    const startedAt = performance.now()
    await open(directory, { onProgress: (message) => messages.push(message) })
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    expect(messages).toEqual([])
    await expect(openEmbeddedDatabase({ directory })).rejects.toThrow(`${directory} is in use by process ${process.pid}`)
  })

  it('flushes each commit to the disk, and no read', async () => {
    const database = await open(await embeddedDirectory(root))
    const lane = database.lane()
    await lane.script('create table flushed (id int4)', 2_000)
    const before = database.fsyncCount()
    for (let id = 0; id < 20; id++) await lane.query('insert into flushed values ($1)', [id], 2_000)
    const after = database.fsyncCount()
    expect(after - before).toBeGreaterThanOrEqual(20)
    for (let turn = 0; turn < 20; turn++) await lane.query('select count(*) from flushed', [], 2_000)
    expect(database.fsyncCount()).toBe(after)
  })

  it('loses nothing that it acknowledged when its process is killed', { timeout: 30_000 }, async () => {
    const directory = await embeddedDirectory(root)
    const acknowledged: number[] = []
    for (let round = 1; round <= 2; round++) {
      const writer = startWriter(directory)
      await waitUntil(() => writer.acknowledged().length >= 200 + round * 37)
      await writer.kill()
      acknowledged.push(...writer.acknowledged())
    }
    const messages: string[] = []
    const database = await open(directory, { onProgress: (message) => messages.push(message) })
    expect(messages).toEqual([expect.stringContaining('recovering')])
    const rows = await database.lane().query('select number from written', [], 5_000)
    const stored = new Set(rows.map(([number]) => Number(number)))
    expect(acknowledged.length).toBeGreaterThan(450)
    expect(acknowledged.filter((number) => !stored.has(number))).toEqual([])
  })

  it('ends a statement that misses its deadline, says unknown, and goes on', { timeout: 20_000 }, async () => {
    const directory = await embeddedDirectory(root)
    const database = await open(directory)
    const [stuck, other] = [database.lane(), database.lane()]
    await other.script('create table kept (id int4); insert into kept values (1)', 2_000)
    const startedAt = performance.now()
    const first = failureOf(stuck.query(endless, [], 300))
    expect(await failureOf(other.query('select 1', [], 200))).toBe('not_sent')
    const patient = other.query('select id from kept', [], 15_000)
    expect(await first).toBe('unknown')
    expect(performance.now() - startedAt).toBeLessThan(500)
    expect(await patient).toEqual([[1]])

    // When it cannot be opened again: refused at once, never an empty database instead, healed when the cause is gone.
    const second = failureOf(stuck.query(endless, [], 1_500))
    // Only a statement that has begun can miss its deadline as `unknown`: on a busy machine that takes a while.
    await sleep(700)
    renameSync(join(directory, 'cluster'), join(directory, 'elsewhere'))
    expect(await second).toBe('unknown')
    expect(await failureOf(stuck.query('select 1', [], 2_000))).toBe('not_sent')
    expect(existsSync(join(directory, 'cluster'))).toBe(false)
    renameSync(join(directory, 'elsewhere'), join(directory, 'cluster'))
    await sleep(250)
    expect(await stuck.query('select id from kept', [], 15_000)).toEqual([[1]])
  })

  it('closes with the statement in flight answered and the waiting ones refused, and nothing is sent after', async () => {
    const database = await open(await embeddedDirectory(root))
    const [one, two] = [database.lane(), database.lane()]
    const slow = one.query('select count(*)::int4 from generate_series(1, 300000)', [], 5_000)
    const waiting = failureOf(two.query('select 1', [], 2_000))
    await sleep(20)
    await database.close()
    expect(await slow).toEqual([[300000]])
    expect(await waiting).toBe('not_sent')
    expect(await failureOf(one.query('select 1', [], 500))).toBe('not_sent')
  })

  it('leaves the event loop free while a statement is stuck, and closes within its bounds', async () => {
    const directory = await embeddedDirectory(root)
    const database = await open(directory)
    const stuck = failureOf(database.lane().query(endless, [], 10_000))
    let ticks = 0
    // A loop that the statement held would turn once or twice in this second.
    for (const until = performance.now() + 1_000; performance.now() < until; ticks++) await sleep(5)
    expect(ticks).toBeGreaterThan(15)
    const startedAt = performance.now()
    await database.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(await stuck).toBe('unknown')
    expect(readdirSync(directory)).not.toContain('holdfast.lock')
  })

  it('says in one line what keeps it from opening', async () => {
    const directory = await embeddedDirectory(root)
    rmSync(join(directory, 'cluster', 'global', 'pg_control'))
    const error: unknown = await openEmbeddedDatabase({ directory }).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/The embedded database in .* cannot be opened: .*pg_control/)
    expect(String(error)).not.toContain('\n')
    expect(readdirSync(directory)).not.toContain('holdfast.lock')
  })

  it('keeps the log bounded and clears dead rows while nobody waits', async () => {
    const directory = await embeddedDirectory(root)
    const lane = (await open(directory)).lane()
    await lane.script('create table churned (id int4, v text)', 2_000)
    const fill = `insert into churned select g, repeat(md5(g::text), 20) from generate_series(1, 10000) g`
    for (let turn = 0; turn < 8; turn++) await lane.query(fill, [], 5_000)
    await lane.query('delete from churned where id % 2 = 0', [], 5_000)
    const redo = async () => (await lane.query('select redo_lsn::text from pg_control_checkpoint()', [], 2_000))[0]![0]
    const before = await redo()
    await sleep(1_400)
    expect(await redo()).not.toBe(before)
    expect(await lane.query(`select n_dead_tup::int4 from pg_stat_user_tables where relname = 'churned'`, [], 5_000)).toEqual([[0]])
  })

  const hasStrace = spawnSync('strace', ['-V']).status === 0
  it.skipIf(!hasStrace)(
    `makes the system call for each commit${hasStrace ? '' : ' (skipped: no strace)'}`,
    { timeout: 30_000 },
    async () => {
      const directory = await embeddedDirectory(root)
      const trace = join(root, 'trace')
      const writer = spawn(
        'strace',
        [
          '-f',
          '-qq',
          '-e',
          'trace=fsync',
          '-o',
          trace,
          process.execPath,
          join(import.meta.dirname, 'durable-writer.fixture.ts'),
          directory,
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      let output = ''
      writer.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const exited = new Promise((resolve) => writer.once('exit', resolve))
      await waitUntil(() => output.split('\n').length > 100)
      const { pid } = JSON.parse(readFileSync(join(directory, 'holdfast.lock'), 'utf8')) as { pid: number }
      process.kill(pid, 'SIGKILL')
      await exited
      const flushes = readFileSync(trace, 'utf8').match(/fsync\(\d+\)\s+= 0/g)?.length ?? 0
      expect(flushes).toBeGreaterThanOrEqual(output.split('\n').length - 1)
    },
  )
})

describe('embedded database in a directory that holds something else', () => {
  it('does not touch it', async () => {
    const directory = join(root, 'foreign')
    mkdirSync(join(directory, 'cluster'), { recursive: true })
    writeFileSync(join(directory, 'cluster', 'letter.txt'), 'mine')
    await expect(openEmbeddedDatabase({ directory })).rejects.toThrow('cannot be opened')
    expect(readFileSync(join(directory, 'cluster', 'letter.txt'), 'utf8')).toBe('mine')
  })
})
