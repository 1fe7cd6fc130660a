import { expect, test } from 'vitest'
import type { RestAnswer } from '../rest-request.ts'
import { isToldAsRepeated } from './repeated-create.ts'

const answer = (status: number, isReplay: boolean): RestAnswer => ({
  status,
  headers: new Headers(isReplay ? { 'Idempotency-Replayed': 'true' } : {}),
  text: '',
  json: undefined,
})

test.each([
  ['committed', 'any', 201, true, true],
  ['committed', 'committed', 201, true, true],
  ['buffered', 'any', 202, true, true],
  ['buffered', 'any', 201, true, true],
  // Done twice, as far as its caller can tell.
  ['committed', 'any', 201, false, false],
  ['buffered', 'any', 201, false, false],
  ['buffered', 'any', 202, false, false],
  // The database is away, and nobody knows that it was committed.
  ['committed', 'any', 202, false, true],
  // Whoever asks for the database or nothing is not told of a buffer, in whatever way.
  ['committed', 'committed', 202, false, false],
  ['committed', 'committed', 202, true, false],
] as const)('%s, and sent again with the wish for %s: %i, as a replay: %s; as it must be: %s', (first, wish, status, isReplay, isRight) => {
  expect(isToldAsRepeated(first, wish, answer(status, isReplay))).toBe(isRight)
})
