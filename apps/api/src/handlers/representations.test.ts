import { expect, test } from 'vitest'
import { writeFacts } from './representations.ts'

test.each([
  ['committed', { durability: 'committed' }, ['durability=committed']],
  // The replay of what is pending, which was buffered before its caller minded.
  ['buffered', { durability: 'committed' }, []],
  ['buffered', { waitSeconds: 5 }, ['wait=5']],
  ['committed', {}, []],
] as const)('a write that is %s and preferred %j says that %j was kept to', (durability, write, expected) => {
  expect(writeFacts({ durability, isReplay: true, consistencyToken: 'a.1' }, write).preferencesApplied).toEqual(expected)
})
