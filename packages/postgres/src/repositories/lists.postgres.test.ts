import type { OperationId, SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { SessionRow } from '@holdfast/domain/session'
import { sessionIdleMs } from '@holdfast/domain/session'
import { partsOfSort, sortValueOf, taskSorts, type TaskPosition, type TaskSort } from '@holdfast/domain/task-sort'
import { describeWhen, postgresAvailability } from '@holdfast/testkit/availability'
import type { TestDatabase } from '@holdfast/testkit/database'
import { newId } from '@holdfast/testkit/samples'
import type { OperationFound } from '@holdfast/usecases/ports/operation-repository'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/open-database.ts'
import type { LaneSet } from '../lanes/lane-set.ts'
import { migratedDatabase, openServer } from '../store/database.fixture.ts'
import { createOperationStore } from '../store/operation-store.postgres.ts'
import { createOperationRepository } from './operation-repository.postgres.ts'
import { createReadDatabase, type ReadDatabase } from './read-database.ts'
import { createSessionRepository } from './session-repository.postgres.ts'
import { registerTaskListExam } from './task-list-exam.fixture.ts'
import { createTaskRepository } from './task-repository.postgres.ts'
import { noFilters } from './task-samples.fixture.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

describeWhen(postgresAvailability(), 'lists on Postgres', () => {
  let testDatabase: TestDatabase
  let database: Database
  let reads: ReadDatabase
  let client: postgres.Sql
  const statements: { text: string; parameters: readonly unknown[] }[] = []
  beforeAll(async () => {
    testDatabase = await migratedDatabase()
    database = await openServer(testDatabase.url)
    const recorded: Pick<LaneSet, 'read'> = {
      read: () => ({
        ...database.lanes.read(),
        query(text, parameters, deadlineMs) {
          statements.push({ text, parameters })
          return database.lanes.read().query(text, parameters, deadlineMs)
        },
      }),
    }
    reads = createReadDatabase(recorded as LaneSet, 5_000)
    client = postgres(testDatabase.url, { max: 1, onnotice: () => undefined })
  })
  afterAll(async () => {
    await client.end()
    await database.close()
    await testDatabase.drop()
  })

  registerTaskListExam('Postgres', () => ({ tasks: createTaskRepository(reads), store: createOperationStore(database.lanes) }))

  /** The nodes of the plan that each statement of a call is run by: for these values, and for any. */
  async function plansOf(call: () => Promise<unknown>): Promise<readonly (readonly PlanNode[])[]> {
    statements.length = 0
    await call()
    const plans: PlanNode[][] = []
    for (const { text, parameters } of statements)
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        const values = parameters.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(', ')
        await client.unsafe(`set plan_cache_mode = ${mode}; deallocate all; prepare page as ${text}`)
        const [row] = await client.unsafe(`explain (analyze, format json) execute page(${values})`)
        const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)]
        plans.push(flat(row?.['QUERY PLAN'][0].Plan))
      }
    return plans
  }
  const rowsRead = (nodes: readonly PlanNode[]): number =>
    nodes
      .filter((node) => node.Plans === undefined)
      .map(
        (node) =>
          (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
          node['Actual Loops'],
      )
      .reduce((sum, count) => sum + count, 0)
  const typesOf = (nodes: readonly PlanNode[]): readonly string[] => nodes.map((node) => node['Node Type'])

  describe('with 24,000 tasks of six owners, and as many operations', () => {
    const owner = newId<UserId>()
    const smallOwner = newId<UserId>()
    const others = Array.from({ length: 4 }, () => newId<UserId>())
    const count = 24_000
    const ownedBySmall = count / 100
    beforeAll(async () => {
      // Half of the rows are the owner’s. Priorities, days and positions repeat; times of creation do in pairs.
      const list = `array['${others.join("','")}']`
      const ownerOf = (n: string) =>
        `(case when ${n} % 100 = 1 then '${smallOwner}' when ${n} % 2 = 0 then '${owner}' else (${list})[1 + (${n} / 2) % 4] end)::uuid`
      await client.unsafe(`
        insert into tasks (id, owner, revision, last_operation, title, description, status, priority, due_at, position, labels, clock, is_deleted, created_at, updated_at)
        select gen_random_uuid(), ${ownerOf('n')}, 1, gen_random_uuid(), 'task ' || n, repeat('lorem ipsum ', 20), 'todo',
          (array['none', 'low', 'medium', 'high', 'urgent'])[1 + (n / 2) % 5], case when n % 3 = 0 then null else '2030-01-01'::timestamptz + (n % 60) * interval '1 day' end,
          'p' || n % 500, array['l' || n % 50], '[]', false, '2029-01-01'::timestamptz + (n / 4) * interval '1 second', '2029-01-01'::timestamptz + (n % 9000) * interval '1 second'
        from generate_series(1, ${count}) as n;
        insert into operations (id, actor, name, kind, entity, stamp, accepted_at, applied_at, instance, acknowledged_as, outcome, revision)
        select gen_random_uuid(), ${ownerOf('n')}, 'tasks.create', 'task', gen_random_uuid(), 's', now(), '2029-01-01'::timestamptz + (n / 200) * interval '1 second', 'i', 'committed', 'applied', 1
        from generate_series(1, ${count}) as n;
        insert into sessions (id, owner, revision, last_operation, clock, created_at, authenticated_at, expires_at, last_seen_at, presentations)
        select gen_random_uuid(), ${ownerOf('n')}, 1, gen_random_uuid(), '[]', '2029-01-01'::timestamptz + n * interval '1 second', now(), '2029-02-01', '2029-01-01'::timestamptz + n * interval '1 second', '[]'
        from generate_series(1, ${count / 2}) as n;
        analyze tasks; analyze operations; analyze sessions`)
    }, 30_000)

    const tasks = () => createTaskRepository(reads)
    const limit = 51
    const indexes = {
      created: 'tasks_by_creation',
      updated: 'tasks_by_update',
      due: 'tasks_by_due',
      position: 'tasks_by_position',
      priority: 'tasks_by_priority',
    }
    /** Where a list stands after some thousand tasks. */
    const positionDeepIn = async (sort: TaskSort, depth: number): Promise<TaskPosition> => {
      let after: TaskPosition | null = null
      for (let seen = 0; seen < depth; seen += 1_000) {
        const last = (await tasks().list({ owner, sort, filters: noFilters, after, limit: 1_000 })).at(-1)
        if (last === undefined) throw new Error('The list is shorter than that.')
        after = { value: sortValueOf(last, partsOfSort(sort).key), id: last.id }
      }
      return after as unknown as TaskPosition
    }

    test.each(taskSorts)('by %s, every page reads its own rows from its index, and nothing is sorted', async (sort) => {
      for (const depth of [0, 5_000, 10_000]) {
        const after = depth === 0 ? null : await positionDeepIn(sort, depth)
        for (const nodes of await plansOf(() => tasks().list({ owner, sort, filters: noFilters, after, limit }))) {
          expect(typesOf(nodes)).toEqual(['Limit', 'Index Scan'])
          expect(nodes[1]?.['Index Name']).toBe(indexes[partsOfSort(sort).key])
          // By creation, those of the same millisecond before the position are read, too: two here.
          expect(rowsRead(nodes)).toBeLessThanOrEqual(limit + 2)
        }
      }
    })

    test('a page at the border of those with a due and those without takes two statements', async () => {
      const after = { value: Date.UTC(2030, 2, 1), id: 'ffffffff-ffff-8fff-bfff-ffffffffffff' as TaskId }
      const plans = await plansOf(() => tasks().list({ owner, sort: 'due', filters: noFilters, after, limit }))
      expect(plans).toHaveLength(4)
      for (const nodes of plans) expect(nodes[1]?.['Index Name']).toBe('tasks_by_due')
    })

    test.each([
      { text: 'nothing has this' },
      { text: 'TASK 4242' },
      { labels: ['l17', 'l18'] },
      { labels: ['l4'] },
      { dueFrom: Date.UTC(2040, 0, 1) },
    ])('%j looks at no other owner’s tasks', async (filter) => {
      for (const sort of ['-created', 'due', 'priority'] as const)
        for (const nodes of await plansOf(() =>
          tasks().list({ owner: smallOwner, sort, filters: { ...noFilters, ...filter }, after: null, limit }),
        )) {
          expect(typesOf(nodes)).not.toContain('Seq Scan')
          expect(rowsRead(nodes)).toBeLessThanOrEqual(ownedBySmall)
        }
    })

    test('operations are listed by their index, page by page', async () => {
      const operations = createOperationRepository(reads)
      const query = { actor: others[0] as UserId, outcomes: ['applied', 'rejected'] as const, limit: 1_000 }
      const found: OperationFound[] = []
      for (let after: { appliedAt: number; id: OperationId } | null = null; found.length < 2_000;) {
        const page = await operations.list({ ...query, after })
        found.push(...page)
        after = page.at(-1) as OperationFound
      }
      const inOrder = found.toSorted((a, b) => b.appliedAt - a.appliedAt || (a.id < b.id ? 1 : -1))
      expect(found.map(({ id }) => id)).toEqual(inOrder.map(({ id }) => id))
      expect(new Set(found.map(({ id }) => id)).size).toBe(2_000)
      expect(await operations.list({ ...query, outcomes: ['rejected'], after: null })).toEqual([])
      const [left, kept] = found as [OperationFound, OperationFound]
      expect(await operations.list({ ...query, after: null, except: [left.id], limit: 1 })).toEqual([kept])
      for (const after of [null, found.at(-1) as OperationFound])
        for (const nodes of await plansOf(() => operations.list({ ...query, after, limit }))) {
          expect(typesOf(nodes)).toEqual(['Limit', 'Index Scan'])
          expect(nodes[1]?.['Index Name']).toBe('operations_by_actor')
          expect(rowsRead(nodes)).toBe(limit)
        }
      const except = found.slice(0, 3).map(({ id }) => id)
      for (const nodes of await plansOf(() => operations.list({ ...query, after: null, except, limit }))) {
        expect(nodes[1]?.['Index Name']).toBe('operations_by_actor')
        expect(rowsRead(nodes)).toBe(limit + except.length)
      }
    })

    test('sessions are listed by theirs, and only those that live', async () => {
      const sessions = createSessionRepository(reads)
      const begin = Date.UTC(2029, 0, 1)
      const query = { owner, liveAt: begin + 12_000_000, after: null, limit }
      const [newest, next] = (await sessions.list(query)).rows as [SessionRow, SessionRow]
      expect([newest.owner, newest.createdAt - next.createdAt]).toEqual([owner, 2_000])
      expect((await sessions.list({ ...query, after: newest, limit: 1 })).rows[0]?.id).toBe(next.id)
      await client`update sessions set ended_at = now() where id = ${next.id}`
      expect((await sessions.list({ ...query, after: newest, limit: 1 })).rows[0]?.createdAt).toBe(next.createdAt - 2_000)
      expect((await sessions.list({ ...query, liveAt: Date.UTC(2029, 1, 1) })).rows).toEqual([])
      const { rows: idle } = await sessions.list({ ...query, liveAt: begin + 6_000_000 + sessionIdleMs, limit: 1_001 })
      expect(Math.min(...idle.map(({ lastSeenAt }) => lastSeenAt))).toBeGreaterThanOrEqual(begin + 6_000_000)
      const deep = { createdAt: begin + 6_000_000, id: newId<SessionId>() }
      for (const after of [null, deep])
        for (const nodes of await plansOf(() => sessions.list({ ...query, after }))) {
          expect(typesOf(nodes)).toEqual(['Limit', 'Index Scan'])
          expect(nodes[1]?.['Index Name']).toBe('sessions_by_creation')
          expect(rowsRead(nodes)).toBeLessThanOrEqual(limit + 1)
        }
    })
  })
})
