import { HybridClock } from '@holdfast/domain/hybrid-clock'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { registerOperationStoreExam } from '@holdfast/testkit/operation-store-exam'
import { applied, createCommand, newId, patchCommand } from '@holdfast/testkit/samples'
import { waitUntil } from '@holdfast/testkit/wait-until'
import type { OperationStore, StoreCall } from '@holdfast/usecases/ports/operation-store'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/open-database.ts'
import { migratedDatabase, openServer } from './database.fixture.ts'
import { createOperationStore } from './operation-store.postgres.ts'

const call: StoreCall = { lane: 'direct-0', deadlineMs: 5_000 }

describeWhen(postgresAvailability(), 'the operation store on Postgres', () => {
  let testDatabase: TestDatabase
  let databases: Database[]
  let stores: { store: OperationStore; other: OperationStore }
  beforeAll(async () => {
    testDatabase = await migratedDatabase()
    databases = [await openServer(testDatabase.url), await openServer(testDatabase.url)]
    const [store, other] = databases.map(({ lanes }) => createOperationStore(lanes)) as [OperationStore, OperationStore]
    stores = { store, other }
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await testDatabase.drop()
  })

  registerOperationStoreExam('Postgres', () => stores)

  test('a row that somebody holds is not waited for, and the rest of the batch is written', async () => {
    const made = [applied(null, createCommand()), applied(null, createCommand())] as const
    await stores.store.commit(
      'task',
      { rows: made.map(({ write }) => write), operations: made.map(({ operation }) => operation), lost: [] },
      call,
    )
    const holder = postgres(testDatabase.url, { max: 1 })
    const reserved = await holder.reserve()
    await reserved.unsafe('begin')
    await reserved.unsafe(`select 1 from tasks where id = '${made[0].row.id}' for update`)
    const edits = made.map(({ row }) => applied(row, patchCommand(createCommand({ actor: row.owner, entity: row.id }), { title: 'b' })))
    const batch = { rows: edits.map(({ write }) => write), operations: edits.map(({ operation }) => operation), lost: [] }
    expect(await stores.store.commit('task', batch, call)).toEqual(new Set([made[1].row.id]))
    await reserved.unsafe('rollback')
    reserved.release()
    await holder.end()
  })

  test('a value that the server cannot hold is invalid, whatever let it through', async () => {
    const { write, operation } = applied(null, createCommand({}, { title: 'nul \0 byte' }))
    const failure = await stores.store
      .commit('task', { rows: [write], operations: [operation], lost: [] }, call)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'StoreError', failure: 'invalid' })
    expect(String((failure as Error).stack)).not.toContain('nul ')
  })

  test('plans made when the tables were small find rows by their index when they have grown', async () => {
    const fresh = await migratedDatabase()
    const database = await openServer(fresh.url)
    const store = createOperationStore(database.lanes)
    const made = createCommand()
    let { row } = applied(null, made)
    await store.commit('task', { rows: [{ row, expectedRevision: 0 }], operations: [], lost: [] }, call)
    const edit = async (): Promise<void> => {
      const { operations } = await store.read('task', [row.id, newId()], [newId(), newId()], call)
      expect(operations.size).toBe(0)
      const next = applied(row, patchCommand(made, { title: 'b' }))
      const written = await store.commit('task', { rows: [next.write], operations: [next.operation], lost: [] }, call)
      expect(written.size).toBe(1)
      row = next.row
    }
    // The server remembers a plan from the sixth time on.
    for (let time = 0; time < 8; time++) await edit()
    // As autovacuum leaves it for a minute: grown, and not analyzed.
    const owner = postgres(fresh.url, { max: 1 })
    const columns =
      'owner, revision, last_operation, title, description, status, priority, position, labels, clock, is_deleted, created_at, updated_at'
    await owner.unsafe(`insert into tasks (id, ${columns}) select gen_random_uuid(), ${columns} from tasks, generate_series(1, 20000)`)
    await edit()
    await database.close()
    const scans = async () => (await owner`select idx_scan, seq_tup_read from pg_stat_user_tables where relname = 'tasks'`)[0] ?? {}
    // Two for each edit: backends report them when they end.
    const found = await waitUntil(async () => (Number((await scans())['idx_scan']) >= 18 ? scans() : undefined), {
      timeoutMs: 3_000,
      problem: () => 'the edits did not use an index each',
    })
    expect(Number(found['seq_tup_read'])).toBeLessThan(1_000)
    await owner.end()
    await fresh.drop()
  })

  test('values that lost are kept with their row', async () => {
    const { row, write, operation } = applied(null, createCommand())
    const stamp = new HybridClock(operation.instance, () => 1).next()
    const lost = [{ operation: operation.id, entity: row.id, owner: row.owner, value: { field: 'title', value: 'older', stamp } }]
    await stores.store.commit('task', { rows: [write], operations: [operation], lost }, call)
    const [found] = await (databases[0] as Database).lanes
      .read()
      .query('select task, field, value, stamp from task_conflicts where operation = $1', [operation.id], 5_000)
    expect(found).toEqual([row.id, 'title', '"older"', stamp])
  })
})
