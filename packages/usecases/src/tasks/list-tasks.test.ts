import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskRow } from '@holdfast/domain/task'
import type { TaskSort } from '@holdfast/domain/task-sort'
import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '../ports/actor.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { PageCache } from '../ports/page-cache.ts'
import type { TaskQuery } from '../ports/task-repository.ts'
import { createTestPendingCommands } from '../pending/pending-commands.fixture.ts'
import { listTasks, type TaskListInput } from './list-tasks.ts'

const now = 1_800_000_000_000
const owner = 'b0000000-0000-8000-8000-000000000001' as UserId
const id = 'a0000000-0000-8000-8000-000000000001' as TaskId
const actor: Actor = { kind: 'user', userId: owner, sessionId: 's' as SessionId, authenticatedAt: now }
const task = {
  id,
  owner,
  title: 'a',
  description: '',
  status: 'todo',
  priority: 'high',
  due: { date: '2030-01-31' },
  position: 'a0',
  labels: [],
  createdAt: now,
  updatedAt: now + 5,
} as unknown as TaskRow

const cursors: Cursors = {
  seal: (purpose, user, position) => JSON.stringify([purpose, user, position]),
  open(purpose, user, text) {
    const [sealedFor, sealedBy, position] = JSON.parse(text)
    if (sealedFor !== purpose || sealedBy !== user)
      throw new ApplicationError('REQUEST_INVALID', { faults: [{ parameter: 'cursor', detail: '' }] })
    return position
  },
}
const asked: TaskQuery[] = []
const cached: { key: string; tokens: readonly string[] }[] = []
const pages: PageCache = {
  async read(_owner, key, tokens, load) {
    cached.push({ key, tokens })
    return { page: await load(), source: 'cache', asOf: now - 7 }
  },
}
const pending = createTestPendingCommands()
const list = (input: Partial<TaskListInput> = {}, found: readonly TaskRow[] = [], tokens: readonly string[] = []) =>
  listTasks({
    cursors,
    pages,
    pending,
    tasks: {
      find: async () => null,
      findAll: async () => [],
      async list(query) {
        asked.push(query)
        return found.slice(0, query.limit)
      },
    },
  })(actor, { limit: 2, sort: '-created', ...input }, tokens)
beforeEach(() => {
  asked.length = 0
  cached.length = 0
})
const three = [task, task, task]

test.each<[TaskSort, Partial<TaskRow>, number | string | null]>([
  ['created', {}, now],
  ['-created', {}, now],
  ['updated', {}, now + 5],
  ['due', {}, Date.UTC(2030, 0, 31)],
  ['-due', { due: { instant: '2030-01-31T10:00:00.250Z', zone: 'UTC' } }, Date.UTC(2030, 0, 31, 10, 0, 0, 250)],
  ['due', { due: null }, null],
  ['-position', {}, 'a0'],
  ['position', { position: '' }, ''],
  ['priority', {}, 3],
  ['-priority', { priority: 'none' }, 0],
])('by %s, the cursor leads to the last task of the page: %j', async (sort, changed, value) => {
  const row = { ...task, ...changed }
  const page = await list({ sort }, [row, row, row])
  expect(page.rows).toHaveLength(2)
  await list({ sort, cursor: page.nextCursor as string })
  expect(asked.map(({ after, limit }) => ({ after, limit }))).toEqual([
    { after: null, limit: 3 },
    { after: { value, id }, limit: 3 },
  ])
})

test('the last page has no cursor', async () => {
  expect((await list({}, [task, task])).nextCursor).toBeNull()
  expect((await list()).rows).toEqual([])
})

test('filters reach the repository in one form', async () => {
  await list()
  await list({ status: [], priority: [], label: [] })
  await list({
    status: ['done', 'todo', 'done'],
    priority: ['urgent', 'low'],
    label: ['b', 'a', 'b'],
    dueFrom: '2030-01-31',
    dueBefore: '2030-02-01T01:00:00+01:00',
    text: '%',
  })
  const none = { statuses: [], priorities: [], labels: [], dueFrom: null, dueBefore: null, text: null }
  expect(asked.map(({ filters }) => filters)).toEqual([
    none,
    none,
    {
      statuses: ['todo', 'done'],
      priorities: ['low', 'urgent'],
      labels: ['a', 'b'],
      dueFrom: Date.UTC(2030, 0, 31),
      dueBefore: Date.UTC(2030, 1, 1),
      text: '%',
    },
  ])
})

const variants: readonly Partial<TaskListInput>[] = [
  {},
  { sort: 'created' },
  { status: ['todo'] },
  { status: ['done'] },
  { priority: ['low'] },
  { label: ['todo'] },
  { label: ['a,b'] },
  { label: ['a', 'b'] },
  { text: 'todo' },
  { text: 'a","b' },
  { dueFrom: '2030-01-31' },
  { dueBefore: '2030-01-31' },
]

test('a cursor of another sort or filter is refused by its name; the same filters in another order are the same', async () => {
  for (const [at, made] of variants.entries()) {
    const { nextCursor } = await list(made, three)
    for (const [other, used] of variants.entries()) {
      const result = await list({ ...used, cursor: nextCursor as string }).catch((error: ApplicationError) => error.faults)
      expect(Array.isArray(result), `${at} → ${other}`).toBe(at !== other)
    }
  }
  const { nextCursor } = await list({ label: ['a', 'b'], status: ['todo', 'done'] }, three)
  await list({ label: ['b', 'a'], status: ['done', 'todo'], limit: 7, cursor: nextCursor as string })
})

test('the cache is asked under a key that tells every query apart, and brings the tokens', async () => {
  for (const variant of variants) await list(variant)
  await list({ limit: 3 })
  const { nextCursor } = await list({}, three)
  await list({ cursor: nextCursor as string }, [], ['t1', 't2'])
  // The next-to-last call was that of the first variant again.
  expect(new Set(cached.map(({ key }) => key)).size).toBe(variants.length + 2)
  expect(cached.at(-1)?.tokens).toEqual(['t1', 't2'])
})

test('a page says where it came from and when', async () => {
  expect(await list()).toMatchObject({ source: 'cache', asOf: now - 7, isPartial: false })
})

test('the operator has no tasks', async () => {
  const asOperator = listTasks({
    cursors,
    pages,
    pending,
    tasks: { find: async () => null, findAll: async () => [], list: async () => [] },
  })
  await expect(asOperator({ kind: 'operator' }, { limit: 1, sort: 'due' }, [])).rejects.toMatchObject({ code: 'AUTH_PERMISSION_DENIED' })
})
