import type { TaskId, UserId } from '@holdfast/domain/identifiers'
import { taskPriorities, taskStatuses, type TaskFields } from '@holdfast/domain/task'
import { passesFilters, type TaskFilters } from '@holdfast/domain/task-filters'
import { comparePositions, positionOf, taskSorts, type TaskPosition, type TaskSort } from '@holdfast/domain/task-sort'
import { expect, test } from 'vitest'
import { overlay, type Overlaid } from '../pending/overlay.ts'
import { createTestPendingCommands, type TestPendingCommands } from '../pending/pending-commands.fixture.ts'
import type { TaskRow } from '@holdfast/domain/task'
import { chanceOf } from '@holdfast/testkit/seeded-integers'
import { overlaidTasks } from './overlaid-tasks.ts'
import { creation, edit, owner, removal } from './task-commands.fixture.ts'
import { createTestTasks, type TestTasks } from './task-repository.fixture.ts'

const noFilters: TaskFilters = { statuses: [], priorities: [], labels: [], dueFrom: null, dueBefore: null, text: null }
const start = 1_700_000_000_000

/** What the owner has done, from the rows and all that waits, in the order and through the filters of a list. */
function everything(tasks: TestTasks, pending: TestPendingCommands, sort: TaskSort, filters: TaskFilters): readonly TaskRow[] {
  const waiting = pending.ofActor({ actor: owner, before: null, limit: 1_000 }).map(({ command }) => command.entity as TaskId)
  const compare = comparePositions(sort)
  return [...new Set([...tasks.rows.keys(), ...waiting])]
    .flatMap((id) => overlay('task', tasks.rows.get(id) ?? null, pending.ofEntity(id) as never)?.row ?? [])
    .filter((row) => !row.isDeleted && row.owner === owner && passesFilters(filters)(row))
    .toSorted((a, b) => compare(positionOf(a, sort), positionOf(b, sort)))
}

const days = ['2030-01-01', '2030-01-02'] as const
type Chance = ReturnType<typeof chanceOf>
const one = <Value>(chance: Chance, values: readonly Value[]): Value => values[chance(values.length)] as Value
const fieldsBy = (chance: Chance): Partial<TaskFields> => ({
  title: one(chance, ['Straße', 'STRAẞE', 'other']),
  status: one(chance, taskStatuses),
  priority: one(chance, taskPriorities),
  due: one(chance, [null, { date: one(chance, days) }]),
  position: one(chance, ['', 'a', 'B']),
  labels: one(chance, [[], ['x'], ['x', 'y']]),
})
const filtersBy = (chance: Chance): TaskFilters => ({
  ...noFilters,
  ...(chance(3) === 0 && { statuses: ['todo', 'done'] }),
  ...(chance(3) === 0 && { labels: ['x'] }),
  ...(chance(3) === 0 && { dueFrom: Date.parse(days[1]) }),
  ...(chance(3) === 0 && { text: 'straße' }),
})

/** Rows in the database, and commands on some of them, on others’ and on new ones that wait. */
function someWork(chance: Chance) {
  const tasks = createTestTasks()
  const pending = createTestPendingCommands()
  for (let count = 2 + chance(8); count > 0; count--) tasks.apply(creation(fieldsBy(chance), { acceptedAt: start + chance(3) }))
  tasks.apply(creation({}, { actor: 'b0000000-0000-8000-8000-000000000002' as UserId }))
  const ids = [...tasks.rows.keys()]
  for (let count = chance(12); count > 0; count--) {
    const id = one(chance, ids)
    const acceptedAt = start + chance(5)
    switch (chance(5)) {
      case 0:
        ids.push(pending.add(creation(fieldsBy(chance), { acceptedAt })).command.entity as TaskId)
        break
      case 1:
        pending.add(removal(id))
        break
      case 2:
        pending.add(removal(id, 'tasks.restore'))
        break
      default:
        pending.add(edit(id, fieldsBy(chance), { acceptedAt }))
    }
  }
  const drainOne = () => {
    const [first] = pending.ofActor({ actor: owner, before: null, limit: 1_000 }).toReversed()
    if (first?.command.kind !== 'task') return
    tasks.apply(first.command, first.stamp)
    pending.remove(first.command.operationId)
  }
  return { tasks, pending, drainOne }
}

async function allPages(
  tasks: TestTasks,
  pending: TestPendingCommands,
  sort: TaskSort,
  filters: TaskFilters,
  chance: Chance,
  between: () => void,
) {
  const found: Overlaid<TaskRow>[] = []
  for (let after: TaskPosition | null = null; ;) {
    const limit = 1 + chance(4)
    const { rows, isWhole } = await overlaidTasks({ pending, tasks }, { owner, sort, filters, after, limit })
    expect([isWhole, rows.length <= limit]).toEqual([true, true])
    found.push(...rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return found
    after = positionOf(last.row, sort)
    between()
  }
}

test.each(taskSorts)('by %s: all pages together are what the owner did, in order, none twice, also while it drains', async (sort) => {
  for (let seed = 0; seed < 60; seed++) {
    const chance = chanceOf(seed)
    const { tasks, pending, drainOne } = someWork(chance)
    const filters = filtersBy(chance)
    const expected = everything(tasks, pending, sort, filters)
    const isDraining = chance(2) === 0
    // Between the pages, and within a page before the database reads and before it has answered.
    tasks.aroundRead = () => (isDraining && chance(3) === 0 ? drainOne() : undefined)
    const found = await allPages(tasks, pending, sort, filters, chance, () => (isDraining && chance(2) === 0 ? drainOne() : undefined))
    expect(
      found.map(({ row }) => [row.id, row.title, row.revision]),
      `seed ${seed}`,
    ).toEqual(expected.map(({ id, title, revision }) => [id, title, revision]))
  }
})

test('only what waits here is buffered, and carries its last operation', async () => {
  const tasks = createTestTasks()
  const pending = createTestPendingCommands()
  tasks.apply(creation({ title: 'stored' }))
  tasks.apply(creation({ title: 'edited' }))
  const [, edited] = [...tasks.rows.keys()] as [TaskId, TaskId]
  const change = edit(edited, { title: 'edited here' })
  pending.add(change)
  const { rows } = await overlaidTasks({ pending, tasks }, { owner, sort: 'position', filters: noFilters, after: null, limit: 9 })
  expect(rows.map(({ row, durability }) => [row.title, durability])).toEqual([
    ['stored', 'committed'],
    ['edited here', 'buffered'],
  ])
  expect(rows[1]?.row.lastOperation).toBe(change.operationId)
})

test('a user with more pending commands than are looked at is told that the page is not whole, and what is seen is right', async () => {
  const tasks = createTestTasks()
  const pending = createTestPendingCommands()
  const first = creation({ title: 'made first' })
  pending.add(first)
  pending.add(creation({ title: 'beyond what is looked at' }))
  for (let count = 0; count < 998; count++) pending.add(creation({ title: 'one of many', status: 'done' }))
  pending.add(edit(first.entity, { description: 'changed last' }))
  pending.add(edit(first.entity, { description: 'changed at the very last' }))
  const filters: TaskFilters = { ...noFilters, statuses: ['todo'] }
  const { rows, isWhole } = await overlaidTasks({ pending, tasks }, { owner, sort: 'created', filters, after: null, limit: 9 })
  expect(isWhole).toBe(false)
  expect(rows.map(({ row }) => [row.title, row.description])).toEqual([['made first', 'changed at the very last']])
})

test('a database that is away is no empty list', async () => {
  const tasks = createTestTasks()
  const pending = createTestPendingCommands()
  pending.add(creation())
  tasks.isAway = true
  const query = { owner, sort: 'created', filters: noFilters, after: null, limit: 9 } as const
  await expect(overlaidTasks({ pending, tasks }, query)).rejects.toMatchObject({ failure: 'unavailable' })
})
