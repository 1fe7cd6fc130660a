import { expect, test } from 'vitest'
import { fingerprintOf } from '../operations/fingerprint.ts'
import { parseVersion } from '../operations/version.ts'
import { entityIdOf, grantIdOf, mayComeAgain, operationIdOfKey, type OperationId, type UserId } from './identifiers.ts'
import { isUuid, nilUuid, uuidV7, uuidV8 } from './uuid.ts'

const user = 'b0000000-0000-8000-8000-000000000001' as UserId

// These values are a promise between versions and instances: a change here makes one key two operations.
test('derived ids are pinned', () => {
  const operation = operationIdOfKey('tasks.create', user, 'key-1')
  expect(operation).toBe('f22d1f16-fa09-81fa-9e2a-d533eeab7882')
  expect(entityIdOf(operation)).toBe('b801d8b1-ae6b-87b7-afd5-420f62c57eea')
  expect(grantIdOf(user, 'admin')).toBe('128cf242-4393-8a76-9e58-f95d33aff10b')
})

test('moving a character from one part to the next gives another id', () => {
  expect(operationIdOfKey('tasks.create', user, 'ab')).not.toBe(operationIdOfKey('tasks.createa', user, 'b'))
})

test('a UUIDv7 carries its time and sorts by it', () => {
  const random = new Uint8Array(10).fill(0xff)
  const early = uuidV7(1_700_000_000_000, random)
  expect(early).toBe('018bcfe5-6800-7fff-bfff-ffffffffffff')
  expect(early < uuidV7(1_700_000_000_001, new Uint8Array(10))).toBe(true)
  expect(isUuid(early) && isUuid(uuidV8(new Uint8Array(16)))).toBe(true)
})

test('an operation under a key may come again, one that was drawn does not', () => {
  expect(mayComeAgain(operationIdOfKey('tasks.create', user, 'key-1'))).toBe(true)
  expect(mayComeAgain(uuidV7(1_700_000_000_000, new Uint8Array(10)) as OperationId)).toBe(false)
})

test('versions are read back, and nothing else is', () => {
  expect(parseVersion(`3.${entityIdOf(operationIdOfKey('a', user, 'b'))}`)).not.toBeNull()
  expect(parseVersion(`0.${nilUuid}`)).not.toBeNull()
  for (const text of ['', '3', '3.x', `03.${nilUuid}`, `-1.${nilUuid}`, `1.${nilUuid}.2`, `1e3.${nilUuid}`])
    expect(parseVersion(text)).toBeNull()
})

test('a fingerprint tells inputs apart and not the order of their members', () => {
  expect(fingerprintOf('a', { x: 1, y: [2, { z: 3 }] })).toBe(fingerprintOf('a', { y: [2, { z: 3 }], x: 1 }))
  expect(fingerprintOf('a', { x: 1 })).not.toBe(fingerprintOf('a', { x: 2 }))
  expect(fingerprintOf('a', { x: 1 })).not.toBe(fingerprintOf('b', { x: 1 }))
  expect(fingerprintOf('a', [1, 2])).not.toBe(fingerprintOf('a', [2, 1]))
})
