import { expect, test } from 'vitest'
import { contradictions, type LedgerTask } from './ledger-audit.ts'

const entry: LedgerTask = { id: 'a', operations: ['1', '2'], title: 'run-2', labels: [], unacknowledged: [] }
const task = { id: 'a', title: 'run-2', labels: [], revision: 2 }
const done = { entity: 'a', ids: ['1', '2'], names: ['tasks.create', 'tasks.patch'], revisions: [1, 2], outcomes: ['applied'] }
const more = { ...done, ids: ['1', '2', '3'], names: [...done.names, 'tasks.patch'], revisions: [1, 2, 3] }

test('what is there as it was acknowledged is right', () => {
  expect(contradictions([entry], [task], [done])).toEqual([])
})

test('what was sent and not acknowledged may be there, once, or not', () => {
  const unacknowledged = ['tasks.patch']
  expect(contradictions([{ ...entry, unacknowledged }], [task], [done])).toEqual([])
  expect(contradictions([{ ...entry, unacknowledged }], [{ ...task, title: 'run-3', revision: 3 }], [more])).toEqual([])
  expect(contradictions([{ ...entry, operations: [], unacknowledged: ['tasks.create'] }], [], [])).toEqual([])
  const twice = { ...more, ids: ['1', '2', '3', '4'], names: [...more.names, 'tasks.patch'], revisions: [1, 2, 3, 4] }
  expect(contradictions([{ ...entry, unacknowledged }], [{ ...task, revision: 4 }], [twice])).toHaveLength(1)
  expect(contradictions([{ ...entry, unacknowledged: ['tasks.create'] }], [{ ...task, revision: 3 }], [more])).toHaveLength(1)
})

test('what was acknowledged and is gone, done again, out of order, refused or changed is wrong', () => {
  const wrong = [
    contradictions([entry], [], []),
    contradictions([entry], [task], []),
    contradictions([entry], [{ ...task, revision: 3 }], [more]),
    contradictions([entry], [task], [{ ...done, ids: ['2', '1'] }]),
    contradictions([entry], [task], [{ ...done, revisions: [1, 3] }]),
    contradictions([entry], [{ ...task, revision: 3 }], [done]),
    contradictions([entry], [task], [{ ...done, outcomes: ['applied', 'rejected'] }]),
    contradictions([entry], [{ ...task, title: 'run-1' }], [done]),
    contradictions([entry, entry], [task], [done]),
  ]
  expect(wrong.map((problems) => problems.length)).toEqual(wrong.map(() => 1))
})

test('what nobody sent is wrong, as a task and as an operation', () => {
  expect(contradictions([], [task], [done])).toEqual(['task a is there and was never sent'])
  expect(contradictions([], [], [done])).toEqual(['task a is there and was never sent'])
})
