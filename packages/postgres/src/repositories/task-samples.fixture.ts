import { taskPriorities, taskStatuses, type TaskRow } from '@holdfast/domain/task'
import type { TaskId, UserId } from '@holdfast/domain/identifiers'
import type { TaskFilters } from '@holdfast/domain/task-filters'
import { comparePositions, positionOf, type TaskSort } from '@holdfast/domain/task-sort'
import { chanceOf } from '@holdfast/testkit/seeded-integers'
import { applied, createCommand, newId } from '@holdfast/testkit/samples'
import type { OperationStore } from '@holdfast/usecases/ports/operation-store'

const call = { lane: 'direct-0', deadlineMs: 10_000 } as const
export const noFilters: TaskFilters = { statuses: [], priorities: [], labels: [], dueFrom: null, dueBefore: null, text: null }

/** Makes new tasks of an owner, some fields given, in one batch. */
export async function putTasks(store: OperationStore, owner: UserId, given: readonly Partial<TaskRow>[]): Promise<readonly TaskRow[]> {
  const made = given.map((changed) => {
    const { row, operation } = applied(null, createCommand({ actor: owner, entity: changed.id ?? newId<TaskId>() }))
    return { row: { ...row, ...changed }, operation }
  })
  const rows = made.map(({ row }) => ({ row, expectedRevision: 0 }))
  await store.commit('task', { rows, operations: made.map(({ operation }) => operation), lost: [] }, call)
  return made.map(({ row }) => row)
}

/** Deletes tasks that were never changed, in one batch. */
export async function deleteTasks(store: OperationStore, tasks: readonly TaskRow[]): Promise<void> {
  const rows = tasks.map((row) => ({ row: { ...row, revision: 2, isDeleted: true }, expectedRevision: 1 }))
  await store.commit('task', { rows, operations: [], lost: [] }, call)
}

/** Chance that a seed repeats. */
export interface Chance {
  /** 0 to `below` - 1. */
  integer(below: number): number
  oneOf<Value>(values: readonly Value[]): Value
  /** Up to three of them, often none. */
  fewOf<Value>(values: readonly Value[]): Value[]
}
export function sampleChance(seed: number): Chance {
  const integer = chanceOf(seed)
  const oneOf = <Value>(values: readonly Value[]) => values[integer(values.length)] as Value
  return { integer, oneOf, fewOf: (values) => Array.from({ length: Math.max(0, integer(6) - 2) }, () => oneOf(values)) }
}

const dueTimes = ['2029-12-31', '2030-01-01', '2030-01-02']
const words = [
  'Straße',
  'STRAẞE',
  'strasse',
  'ÜBER',
  'über',
  'İstanbul',
  'ıslak',
  'K2',
  'k2',
  '100%',
  'a_b',
  'back\\slash',
  '😀 ok',
  'ΣΊΣΥΦΟΣ',
  '',
]
const labels = ['a', 'B', 'a,b', '"', '{}', '\\', 'null', 'ß']

/** Fields out of so few values that many tasks are alike. */
export function randomTask(chance: Chance): Partial<TaskRow> {
  const day = chance.oneOf(dueTimes)
  return {
    title: `t ${chance.oneOf(words)}`,
    description: `${chance.oneOf(words)}\n${chance.oneOf(words)}`,
    status: chance.oneOf(taskStatuses),
    priority: chance.oneOf(taskPriorities),
    due: chance.oneOf([
      null,
      { date: day },
      { instant: `${day}T${chance.oneOf(['00:00:00.000', '23:59:59.999'])}Z`, zone: 'Europe/Berlin' },
    ]),
    position: chance.oneOf(['', 'A', 'a', 'a0', '~', '"']),
    labels: [...new Set(chance.fewOf(labels))],
    createdAt: 1_700_000_000_000 + chance.integer(5),
    updatedAt: 1_700_000_000_000 + chance.integer(5),
  }
}

export function randomFilters(chance: Chance): TaskFilters {
  const time = () => (chance.integer(4) > 0 ? null : Date.parse(chance.oneOf(dueTimes)) + chance.oneOf([0, 1, -1]))
  return {
    statuses: chance.fewOf(taskStatuses),
    priorities: chance.fewOf(taskPriorities),
    labels: chance.fewOf(labels).slice(1),
    dueFrom: time(),
    dueBefore: time(),
    text: chance.integer(3) > 0 ? null : chance.oneOf(words.filter((word) => word !== '')),
  }
}

/** The order of a sort, of whole tasks. */
export function compareBy(sort: TaskSort): (a: TaskRow, b: TaskRow) => number {
  const compare = comparePositions(sort)
  return (a, b) => compare(positionOf(a, sort), positionOf(b, sort))
}
