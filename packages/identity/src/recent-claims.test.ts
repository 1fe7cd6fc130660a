import { expect, test } from 'vitest'
import { createRecentClaims } from './recent-claims.ts'

test('holds at most its bound, and forgets what was not asked for longest', () => {
  const recent = createRecentClaims<number>(2)
  recent.add('a', 1)
  recent.add('b', 2)
  expect(recent.get('a')).toBe(1)
  recent.add('c', 3)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
  recent.remove('a')
  expect(recent.get('a')).toBeUndefined()
})
