import { contract } from '@holdfast/contract/contract'
import { expect, test } from 'vitest'
import { deprecationOfCalls } from './deprecation-of-calls.ts'

test('a call that goes says so, also in a batch with one that stays', () => {
  const deprecation = { since: '2026-01-01', sunset: '2026-07-01', link: 'https://example.org/changes' }
  const table = { tasks: { ...contract.tasks, list: { ...contract.tasks.list, deprecation } } }
  const headers = [
    ['Deprecation', '@1767225600'],
    ['Sunset', 'Wed, 01 Jul 2026 00:00:00 GMT'],
    ['Link', '<https://example.org/changes>; rel="deprecation", <https://example.org/changes>; rel="sunset"'],
  ]
  expect(deprecationOfCalls(table, 'tasks.get,tasks.list')).toEqual(headers)
  expect(deprecationOfCalls(table, 'tasks.get')).toEqual([])
  expect(deprecationOfCalls(table, 'constructor.name')).toEqual([])
  expect(deprecationOfCalls(table)).toEqual([])
})
