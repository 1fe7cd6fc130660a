import type { ApplicationError } from '@holdfast/domain/application-error'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import type { OperationId } from '@holdfast/domain/identifiers'
import { expect, test } from 'vitest'
import type { WriteOptions } from '../ports/write-port.ts'
import { written } from './written.ts'

const operationId = '0190a0b0-0000-7000-8000-000000000001' as OperationId
const refusal = (code: ErrorCode, options: WriteOptions = {}): ApplicationError => {
  try {
    written({ state: 'refused', operationId, code }, options)
  } catch (error) {
    return error as ApplicationError
  }
  throw new Error('It was not refused')
}

test.each<[ErrorCode, RegExp]>([
  ['WRITE_EXPIRED', /accepted.*in time.*new idempotency key/],
  ['WRITE_PREDECESSOR_FAILED', /on top of.*new idempotency key/],
  ['STORE_OVERLOADED', /Nothing was written/],
  ['VERSION_STALE', /Read the resource again/],
])('%s says what to do', (code, detail) => {
  expect(refusal(code)).toMatchObject({ code, detail: expect.stringMatching(detail) })
})

test('whoever would not have it buffered is told that this is why it was not', () => {
  expect(refusal('STORE_UNAVAILABLE').detail).toBe('Nothing was written. Repeat the request later.')
  expect(refusal('STORE_UNAVAILABLE', { durability: 'committed' }).detail).toMatch(/asked not to be buffered/)
  expect(refusal('VERSION_STALE', { durability: 'committed' }).detail).toMatch(/Read the resource again/)
})

test('what may be repeated says when: in a moment, or when the port knows better', () => {
  expect(refusal('STORE_OVERLOADED').retryAfterSeconds).toBe(1)
  expect(refusal('WRITE_EXPIRED').retryAfterSeconds).toBeUndefined()
})

test('an unknown outcome names the operation to ask for', () => {
  expect(() => written({ state: 'unknown', operationId })).toThrow(expect.objectContaining({ code: 'OUTCOME_UNKNOWN', operationId }))
})
