import { expect, it } from 'vitest'
import type { Lane } from './lane.ts'
import { createLaneSet } from './lane-set.ts'

function createFakeSet() {
  const closed: string[] = []
  const calls: { name: string; answer: () => void }[] = []
  const set = createLaneSet(({ name, onStatement }): Lane => {
    const send = () => {
      onStatement()
      return new Promise<void>((resolve) => calls.push({ name, answer: resolve }))
    }
    return { query: () => send().then(() => []), script: send, close: async () => void closed.push(name) }
  })
  return { set, calls, closed }
}

it('keeps an index on its direct lane, and spreads indexes over two', () => {
  const { set } = createFakeSet()
  expect(set.direct(7)).toBe(set.direct(7))
  expect(set.direct(7)).toBe(set.direct(9))
  expect(set.direct(7)).not.toBe(set.direct(8))
})

it('reads on the lane with the fewest calls in it', async () => {
  const { set, calls } = createFakeSet()
  const pending = Array.from({ length: 6 }, () => set.read().query('select 1', [], 100))
  expect(calls.map((call) => call.name)).toEqual(['read-0', 'read-1', 'read-2', 'read-3', 'read-0', 'read-1'])
  calls[2]!.answer()
  await pending[2]
  void set.read().query('select 1', [], 100)
  expect(calls.at(-1)!.name).toBe('read-2')
})

it('counts the statements of all lanes and closes every lane', async () => {
  const { set, closed } = createFakeSet()
  void set.direct(0).query('select 1', [], 100)
  void set.drain.script('select 1', 100)
  void set.read().query('select 1', [], 100)
  expect(set.statementCount()).toBe(3)
  await set.close()
  expect(closed.toSorted()).toEqual(['direct-0', 'direct-1', 'drain', 'read-0', 'read-1', 'read-2', 'read-3'])
})
