import { expect, test } from 'vitest'
import type { RestAnswer } from '@holdfast/acceptance/rest-request'
import { judgeRepetition } from './repeated-create.ts'

const answer = (status: number, isReplay: boolean): RestAnswer => ({
  status,
  headers: new Headers(isReplay ? { 'Idempotency-Replayed': 'true' } : {}),
  text: '',
  json: undefined,
})

test.each([
  ['any', 201, true, 'done before'],
  ['committed', 201, true, 'done before'],
  ['any', 202, true, 'done before'],
  // Done twice, as far as its caller can tell.
  ['any', 201, false, 'wrong'],
  ['committed', 201, false, 'wrong'],
  // Right if the database is away and has it: the audit looks.
  ['any', 202, false, 'buffered anew'],
  // Whoever asks for the database or nothing is not told of a buffer, in whatever way.
  ['committed', 202, false, 'wrong'],
  ['committed', 202, true, 'wrong'],
] as const)('sent again with the wish for %s: %i, as a replay: %s, is %s', (wish, status, isReplay, judgement) => {
  expect(judgeRepetition(wish, answer(status, isReplay))).toBe(judgement)
})
