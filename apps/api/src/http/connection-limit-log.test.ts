import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { expect, test } from 'vitest'
import { connectionLimitLog } from './connection-limit-log.ts'

test('a limit that is reached is said at once, then once a minute with how many were refused', () => {
  const clock = createTestClock()
  const log = createTestLog()
  const reached = connectionLimitLog(log, clock)
  const refusedSaid = () => log.lines.map(({ fields }) => fields)

  for (let at = 0; at < 3; at += 1) reached('all connections')
  expect(refusedSaid()).toEqual([{ limit: 'all connections', refused: 1 }])
  reached('connections of one address')
  expect(refusedSaid()).toHaveLength(2)

  clock.advance(59_999)
  reached('all connections')
  expect(refusedSaid()).toHaveLength(2)
  clock.advance(1)
  reached('all connections')
  expect(refusedSaid().at(-1)).toEqual({ limit: 'all connections', refused: 4 })
})
