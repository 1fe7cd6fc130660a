import { expect, test } from 'vitest'
import { SetSum } from './set-sum.ts'

const sumOf = (...keys: readonly (readonly (number | string)[])[]): SetSum => {
  const sum = new SetSum()
  for (const key of keys) sum.add(key)
  return sum
}

test('the order of the keys does not matter', () => {
  expect(sumOf(['a', 1], ['b', 2], ['c', 3]).isSame(sumOf(['c', 3], ['a', 1], ['b', 2]))).toBe(true)
  expect(sumOf().isSame(sumOf())).toBe(true)
})

test('one key more, less, twice, or with a part changed or moved, does', () => {
  const sum = sumOf(['a', 1], ['b', 2])
  const others = [
    sumOf(['a', 1]),
    sumOf(['a', 1], ['b', 2], ['b', 2]),
    sumOf(['a', 1], ['b', 3]),
    sumOf(['a', 2], ['b', 1]),
    sumOf(['a1'], ['b', 2]),
    sumOf(['a', 1], ['b2', '']),
  ]
  for (const other of others) expect(sum.isSame(other)).toBe(false)
})
