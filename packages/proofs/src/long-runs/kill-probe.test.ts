import { expect, test } from 'vitest'
import { harmlessness } from './kill-probe.ts'

test('a probe that killed what it says, amid writes, is one', () => {
  const counts = { acknowledged: 101, buffered: 1, backends: 3, redis: 11 }
  expect(harmlessness({ backends: true, redis: 'redis://here' }, counts, 2)).toEqual([])
  expect(harmlessness({ backends: false, redis: 'redis://here' }, { ...counts, buffered: 0, backends: 0 }, 2)).toEqual([])
  expect(harmlessness({ backends: true, redis: null }, { ...counts, redis: 0 }, 2)).toEqual([])
})

test('a probe without writes or without kills proves nothing', () => {
  expect(harmlessness({ backends: true, redis: 'redis://here' }, { acknowledged: 100, buffered: 0, backends: 2, redis: 10 }, 2)).toEqual([
    'only 100 tasks were acknowledged in 2 s',
    'only 2 connections to Postgres were killed',
    'nothing was buffered',
    'only 10 connections to Redis were killed',
  ])
})
