import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InstanceId, OperationId, TaskId, UserId } from '../identifiers/identifiers.ts'
import { nilUuid } from '../identifiers/uuid.ts'
import { versionOf, type Version } from '../operations/version.ts'
import { makeStamp, type Stamp } from '../stamps/stamp.ts'
import { mergeTask } from './merge-task.ts'
import { taskLimits, taskPriorities, taskStatuses, type TaskCommand, type TaskFields, type TaskRow } from './task.ts'

const owner = 'b0000000-0000-8000-8000-000000000001' as UserId
const stranger = 'b0000000-0000-8000-8000-000000000002' as UserId
const entity = 'a0000000-0000-8000-8000-000000000001' as TaskId
const operation = (number: number) => `c0000000-0000-8000-8000-${String(number).padStart(12, '0')}` as OperationId
const at = (number: number): Stamp => makeStamp(1_000 + number, 0, 'instance' as InstanceId)

const fields: TaskFields = { title: 'a', description: '', status: 'todo', priority: 'none', due: null, position: '', labels: [] }
const header = (number: number) => ({
  kind: 'task' as const,
  operationId: operation(number),
  entity,
  actor: owner,
  acceptedAt: 1_000 + number,
  session: null,
  fingerprint: null,
  baseVersion: null,
})
const create = (overrides: Partial<TaskFields> = {}): TaskCommand => ({
  ...header(0),
  name: 'tasks.create',
  fields: { ...fields, ...overrides },
})
const patch = (number: number, changed: Partial<TaskFields>): TaskCommand => ({ ...header(number), name: 'tasks.patch', fields: changed })
const made = (overrides: Partial<TaskFields> = {}): TaskRow => mergeTask(null, create(overrides), at(0), 'direct').row as TaskRow

describe('creating', () => {
  test('makes a row of revision 1 whose version names its operation', () => {
    const row = made({ title: 'Write' })
    expect(row).toMatchObject({ id: entity, owner, title: 'Write', revision: 1, isDeleted: false, createdAt: 1_000, completedAt: null })
    expect(versionOf(row)).toBe(`1.${operation(0)}`)
  })
  test('never outranks an edit, though it was accepted a second time, later, elsewhere', () => {
    const late = mergeTask(null, create(), at(9), 'drained').row
    const edited = mergeTask(late, patch(1, { title: 'edited' }), at(5), 'drained')
    expect(edited).toMatchObject({ row: { title: 'edited' }, outcome: { kind: 'applied' }, lost: [] })
  })
  test('refuses an id that is taken, by anybody and by a tombstone', () => {
    const row = made()
    expect(mergeTask(row, { ...create(), actor: stranger }, at(1), 'direct').outcome).toEqual({ kind: 'rejected', code: 'TASK_ID_TAKEN' })
    const deleted = mergeTask(row, { ...header(1), name: 'tasks.delete' }, at(1), 'direct').row
    const again = mergeTask(deleted, create(), at(2), 'drained')
    expect(again.outcome).toEqual({ kind: 'rejected', code: 'TASK_ID_TAKEN' })
    expect(again.row).toBe(deleted)
  })
})

describe('refusing a direct command', () => {
  test.each([
    ['a task that is not there', null, patch(1, { title: 'b' }), 'TASK_NOT_FOUND'],
    ['somebody else’s task', made(), { ...patch(1, { title: 'b' }), actor: stranger }, 'TASK_NOT_FOUND'],
    ['an edit under a tombstone', { ...made(), isDeleted: true }, patch(1, { title: 'b' }), 'TASK_NOT_FOUND'],
    ['a second delete', { ...made(), isDeleted: true }, { ...header(1), name: 'tasks.delete' } as TaskCommand, 'TASK_NOT_FOUND'],
    ['a stale version', made(), { ...patch(1, { title: 'b' }), baseVersion: `0.${nilUuid}` as Version }, 'VERSION_STALE'],
  ] as const)('%s', (_name, row, command, code) => {
    const merged = mergeTask(row, command, at(1), 'direct')
    expect(merged.outcome).toEqual({ kind: 'rejected', code })
    expect(merged.row).toBe(row)
  })
  test('more labels than the limit', () => {
    const row = made({ labels: Array.from({ length: taskLimits.labels }, (_, index) => `l${index}`) })
    const command: TaskCommand = { ...header(1), name: 'tasks.patch', fields: {}, addLabels: ['one more'] }
    expect(mergeTask(row, command, at(1), 'direct').outcome).toEqual({ kind: 'rejected', code: 'TASK_LABELS_FULL' })
  })
})

describe('a drained command', () => {
  test('with a stale version has no effect and is a conflict', () => {
    const row = made()
    const merged = mergeTask(row, { ...patch(1, { title: 'b' }), baseVersion: `0.${nilUuid}` as Version }, at(1), 'drained')
    expect(merged.outcome).toEqual({ kind: 'conflicted', code: 'VERSION_STALE' })
    expect(merged.row).toBe(row)
  })
  test('under a tombstone is merged, reported as a conflict, and comes back with a restore', () => {
    const deleted = mergeTask(made(), { ...header(1), name: 'tasks.delete' }, at(1), 'direct').row
    const edited = mergeTask(deleted, patch(2, { title: 'late' }), at(2), 'drained')
    expect(edited.outcome).toEqual({ kind: 'conflicted', code: null })
    expect(edited.row).toMatchObject({ isDeleted: true, title: 'late', revision: 3 })
    const restored = mergeTask(edited.row, { ...header(3), name: 'tasks.restore' }, at(3), 'direct')
    expect(restored.row).toMatchObject({ isDeleted: false, title: 'late' })
  })
  test('that is older loses the field, keeps what it lost, and leaves the other fields', () => {
    const row = mergeTask(made(), patch(5, { title: 'newer' }), at(5), 'direct').row
    const merged = mergeTask(row, patch(3, { title: 'older', priority: 'high' }), at(3), 'drained')
    expect(merged.outcome.kind).toBe('conflicted')
    expect(merged.lost).toEqual([{ field: 'title', value: 'older', stamp: at(3) }])
    expect(merged.row).toMatchObject({ title: 'newer', priority: 'high', revision: 3 })
  })
})

test('completedAt follows the status that stands', () => {
  const done = mergeTask(made(), patch(2, { status: 'done' }), at(2), 'direct').row
  expect(done?.completedAt).toBe(1_002)
  expect(mergeTask(done, patch(1, { status: 'cancelled' }), at(1), 'drained').row?.completedAt).toBe(1_002)
  expect(mergeTask(done, patch(3, { status: 'todo' }), at(3), 'direct').row?.completedAt).toBeNull()
})

describe('labels', () => {
  const labels = (number: number, change: { add?: string[]; remove?: string[]; all?: string[] }): TaskCommand => ({
    ...header(number),
    name: 'tasks.patch',
    fields: change.all === undefined ? {} : { labels: change.all },
    ...(change.add && { addLabels: change.add }),
    ...(change.remove && { removeLabels: change.remove }),
  })
  test('two people’s additions both stay', () => {
    const one = mergeTask(made({ labels: ['home'] }), labels(1, { add: ['a'] }), at(1), 'direct').row
    expect(mergeTask(one, labels(2, { add: ['b'] }), at(2), 'direct').row?.labels).toEqual(['a', 'b', 'home'])
  })
  test('an addition that is older than the replacement of the set is lost, and kept as lost', () => {
    const replaced = mergeTask(made(), labels(5, { all: ['only'] }), at(5), 'direct').row
    const merged = mergeTask(replaced, labels(3, { add: ['late'] }), at(3), 'drained')
    expect(merged.row?.labels).toEqual(['only'])
    expect(merged.lost).toEqual([{ field: 'labels', value: ['late'], stamp: at(3) }])
  })
  test('names of JavaScript’s own are labels like any other', () => {
    const row = mergeTask(made(), labels(1, { add: ['__proto__', 'constructor', 'toString'] }), at(1), 'direct').row as TaskRow
    expect(row.labels).toEqual(['__proto__', 'constructor', 'toString'])
    expect(mergeTask(row, labels(2, { remove: ['__proto__'] }), at(2), 'direct').row?.labels).toEqual(['constructor', 'toString'])
  })
  test('are in order of code points, not of UTF-16 units', () => {
    expect(mergeTask(made(), labels(1, { all: ['\u{1f600}', '\uffee'] }), at(1), 'direct').row?.labels).toEqual(['\uffee', '\u{1f600}'])
  })
})

const someLabels = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', '__proto__'), { maxLength: 3 })
const someFields = fc.record(
  {
    title: fc.constantFrom('x', 'y', 'z'),
    description: fc.constantFrom('', 'd'),
    status: fc.constantFrom(...taskStatuses),
    priority: fc.constantFrom(...taskPriorities),
    due: fc.constantFrom(null, { date: '2026-11-22' }),
    position: fc.constantFrom('', 'V'),
    labels: someLabels.map((labels) => labels.toSorted()),
  },
  { requiredKeys: [] },
)
/** Commands after the creation, each with its stamp; the number of a command is its place in time. */
const someCommands = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: someFields.map((changed) => ({ name: 'tasks.patch' as const, fields: changed })) },
      { weight: 2, arbitrary: fc.record({ name: fc.constant('tasks.patch' as const), fields: fc.constant({}), addLabels: someLabels }) },
      { weight: 2, arbitrary: fc.record({ name: fc.constant('tasks.patch' as const), fields: fc.constant({}), removeLabels: someLabels }) },
      { weight: 1, arbitrary: someFields.map((changed) => ({ name: 'tasks.replace' as const, fields: { ...fields, ...changed } })) },
      { weight: 1, arbitrary: fc.constant({ name: 'tasks.delete' as const }) },
      { weight: 1, arbitrary: fc.constant({ name: 'tasks.restore' as const }) },
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((changes) => changes.map((change, index) => ({ command: { ...header(index + 1), ...change } as TaskCommand, stamp: at(index + 1) })))

type Stamped = { readonly command: TaskCommand; readonly stamp: Stamp }
const drain = (row: TaskRow, commands: readonly Stamped[]): TaskRow =>
  commands.reduce((state, { command, stamp }) => mergeTask(state, command, stamp, 'drained').row as TaskRow, row)
/** All but what counts deliveries. */
const content = ({ revision: _revision, lastOperation: _lastOperation, ...rest }: TaskRow) => rest

describe('10,000 histories', () => {
  test('commutative and associative: any order of arrival gives the same fields, tombstone and clock', () => {
    const history = someCommands.chain((commands) =>
      fc.record({ commands: fc.constant(commands), arrival: fc.shuffledSubarray(commands, { minLength: commands.length }) }),
    )
    fc.assert(
      fc.property(history, ({ commands, arrival }) => {
        expect(content(drain(made(), arrival))).toEqual(content(drain(made(), commands)))
      }),
      { numRuns: 10_000 },
    )
  })
  test('idempotent: what arrives twice changes nothing the second time', () => {
    fc.assert(
      fc.property(someCommands, fc.nat(), (commands, pick) => {
        const twice = commands[pick % commands.length] as Stamped
        const once = drain(made(), commands)
        expect(content(drain(once, [twice]))).toEqual(content(once))
      }),
      { numRuns: 10_000 },
    )
  })
  test('every command with effect raises the revision by one, and a direct one always wins its fields', () => {
    fc.assert(
      fc.property(someCommands, (commands) => {
        let row = made()
        for (const { command, stamp } of commands) {
          const merged = mergeTask(row, command, stamp, 'direct')
          const next = merged.row as TaskRow
          expect(next.revision).toBe(merged.outcome.kind === 'applied' ? row.revision + 1 : row.revision)
          expect(merged.lost).toEqual([])
          row = next
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
