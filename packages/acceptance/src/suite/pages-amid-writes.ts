import { describe, expect, test } from 'vitest'
import { expectOutput, type Driver, type InputOf } from '../driver.ts'
import { createTask, inParallel, type Task } from '../people.ts'
import { somebodyNew, type Door } from './door.ts'

type Sort = NonNullable<InputOf<'tasks.list'>['sort']>

const sorts: readonly Sort[] = ['created', '-created', '-updated', 'due', '-due', 'position', '-position', 'priority', '-priority']
const lastingCount = 24
const priorities = ['none', 'low', 'medium', 'high', 'urgent'] as const

/** Sort keys spread over a small range, so that many are equal and passing tasks fall between lasting ones. */
const spread = (index: number) => ({
  position: `${(index * 7) % 12}`.padStart(2, '0'),
  priority: priorities[index % priorities.length] ?? 'none',
  ...(index % 3 > 0 && { due: { date: `2030-01-${10 + ((index * 5) % 12)}` } }),
})

/** A task that comes, and mostly goes at once. */
async function passBy(api: Driver, index: number): Promise<void> {
  const { id } = await createTask(api, { title: 'passing', ...spread(index) })
  if (index % 4 > 0) await expectOutput(api.call('tasks.delete', { id }))
}

/** The lasting tasks of a list as they are seen page by page, while tasks pass by if so wanted. */
async function lastingOnes(api: Driver, { sort, limit, isBusy }: { sort: Sort; limit: number; isBusy: boolean }): Promise<readonly Task[]> {
  const seen: Task[] = []
  let cursor: string | undefined
  for (let pages = 0; ; pages++) {
    const [page] = await Promise.all([
      expectOutput(api.call('tasks.list', { sort, limit, ...(cursor !== undefined && { cursor }) })),
      isBusy && passBy(api, pages),
    ])
    seen.push(...(page.items as Task[]).filter(({ title }) => title === 'lasting'))
    if (page.nextCursor === null) return seen
    cursor = page.nextCursor
  }
}

/** As texts that compare like the keys. */
function keysOf(tasks: readonly Task[], sort: Sort): readonly string[] {
  const none = sort === 'due' ? '~' : ' '
  const keys: Readonly<Record<string, (task: Task) => string>> = {
    created: ({ createdAt }) => createdAt,
    updated: ({ updatedAt }) => updatedAt,
    due: ({ due }) => (due !== null && 'date' in due ? due.date : none),
    position: ({ position }) => position,
    priority: ({ priority }) => `${priorities.indexOf(priority)}`,
  }
  return tasks.map((task) => keys[sort.replace('-', '')]?.(task) ?? '')
}

/** From the first page to the last every task that stays is seen once and in its order, whatever happens beside it. */
export function registerPagesAmidWrites(door: Door): void {
  describe('pages of every sort', () => {
    test('hold while others are created and deleted all the time', { timeout: 20_000 }, async () => {
      const { api } = await somebodyNew(door)
      const indexes = Array.from({ length: lastingCount }, (_, index) => index)
      await inParallel(indexes, 12, (index) => createTask(api, { title: 'lasting', ...spread(index) }))
      for (const sort of sorts) {
        const expected = await lastingOnes(api, { sort, limit: 100, isBusy: false })
        const keys = keysOf(expected, sort)
        const inOrder = keys.toSorted()
        expect([sort, keys]).toEqual([sort, sort.startsWith('-') ? inOrder.toReversed() : inOrder])
        expect(new Set(expected.map(({ id }) => id)).size).toBe(lastingCount)
        const seen = await lastingOnes(api, { sort, limit: 7, isBusy: true })
        expect([sort, seen.map(({ id }) => id)]).toEqual([sort, expected.map(({ id }) => id)])
      }
    })
  })
}
