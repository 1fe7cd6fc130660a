import { expect, test } from 'vitest'
import { idleness } from './outage-run.ts'

test('an outage in which hardly anything was written, or around which nothing was, proves nothing', () => {
  expect(idleness({ acknowledged: 900, buffered: 210 }, 3)).toEqual([])
  expect(idleness({ acknowledged: 0, buffered: 0 }, 3)).toEqual([
    'nothing was committed before the outage or after it',
    'only 0 writes were buffered in 3 s',
  ])
  expect(idleness({ acknowledged: 210, buffered: 210 }, 3)).toEqual(['nothing was committed before the outage or after it'])
  expect(idleness({ acknowledged: 900, buffered: 209 }, 3)).toEqual(['only 209 writes were buffered in 3 s'])
})
