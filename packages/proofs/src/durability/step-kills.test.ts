import { expect, test } from 'vitest'
import { stepKillsOf, type KilledLife } from './step-kills.ts'

const life = (when: number, wasKilled: boolean, ...problems: string[]): KilledLife => ({
  step: { side: 'buffer', call: 'pwrite64', when },
  wasKilled,
  problems,
})

test('kills that were reached, for the most part, and cost nothing, are no problem', () => {
  const lives = [life(1, true), life(2, false), life(3, false)]
  expect(stepKillsOf('outage', 9, lives)).toEqual({
    steps: 9,
    tried: 3,
    missed: ['pwrite64 2 of its buffer', 'pwrite64 3 of its buffer'],
    problems: [],
  })
})

test('what a kill cost is told with its step', () => {
  expect(stepKillsOf('direct', 3, [life(1, true, 'one is gone', 'another is there twice')]).problems).toEqual([
    'killed before pwrite64 1 of its buffer: one is gone; another is there twice',
  ])
})

test('a scene without its steps, and kills that were hardly ever reached, prove nothing', () => {
  expect(stepKillsOf('outage', 0, []).problems).toEqual([
    'the scene has 0 steps, and should have 7 or more',
    'the service was killed at 0 of 0 steps',
  ])
  expect(stepKillsOf('direct', 4, [life(1, true), life(2, false), life(3, false), life(4, false)]).problems).toEqual([
    'the service was killed at 1 of 4 steps',
  ])
})
