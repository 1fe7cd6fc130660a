import { ApplicationError } from '@holdfast/domain/application-error'
import { expect, test } from 'vitest'
import { failureLines } from './role-command.ts'

test('what was typed wrongly is said by option, each fault a line', () => {
  const faults = [
    { pointer: '/user', detail: 'must be a user id' },
    { pointer: '/role', detail: 'must be one of admin' },
  ]
  expect(failureLines(new ApplicationError('REQUEST_INVALID', { faults }))).toEqual([
    '--user must be a user id',
    '--role must be one of admin',
  ])
})

test('another failure is its message, what to do first', () => {
  expect(failureLines(new ApplicationError('STORE_UNAVAILABLE', { detail: 'Nothing was written.' }))).toEqual(['Nothing was written.'])
  expect(failureLines(new Error('The directory is locked.'))).toEqual(['The directory is locked.'])
})
