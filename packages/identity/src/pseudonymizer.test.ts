import { isUuid } from '@holdfast/domain/uuid'
import { describe, expect, test } from 'vitest'
import { createPseudonymizer } from './pseudonymizer.ts'
import { parsePseudonymKeys } from './secret-keys.ts'

const older = 'o'.repeat(32)
const newer = 'n'.repeat(32)
const digestsUnder = (keys: string, issuer: string, subject: string) =>
  createPseudonymizer(parsePseudonymKeys(keys)).digestsOf({ issuer, subject, authenticatedAt: 0 })

describe('pseudonyms', () => {
  test('a subject has one digest for each key, the current first, and an id of the current', () => {
    const [old, rotated] = [digestsUnder(older, 'i', 's'), digestsUnder(`${newer},${older}`, 'i', 's')]
    expect(rotated.digests).toHaveLength(2)
    expect(rotated.digests[1]).toEqual(old.digests[0])
    expect(rotated.derived).toBe(digestsUnder(newer, 'i', 's').derived)
    expect(rotated.derived).not.toBe(old.derived)
    expect(isUuid(old.derived)).toBe(true)
  })

  test('issuer and subject cannot run into each other', () => {
    expect(digestsUnder(newer, 'ab', 'c').derived).not.toBe(digestsUnder(newer, 'a', 'bc').derived)
  })

  test('the id is pinned: it names the user for ever', () => {
    expect(digestsUnder(newer, 'urn:holdfast:embedded', 'ada').derived).toMatchInlineSnapshot(`"73798187-960c-8025-8df4-faa2d1433eb0"`)
  })
})
