import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parsePseudonymKeys, parseSecretKeys } from './secret-keys.ts'

const older = 'an-old-secret-of-more-than-32-bytes'
const newer = 'f'.repeat(64)

describe('secret keys', () => {
  test('every purpose has keys of its own, the newest first', () => {
    const keys = parseSecretKeys(`${newer}, ${older}\n`)
    const purposes = ['cursor', 'access-token', 'refresh-token', 'assertion', 'buffer'] as const
    const all = purposes.flatMap((purpose) => keys.ringOf(purpose))
    expect(new Set(all.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(10)
    expect(new Set(all.map(({ id }) => id)).size).toBe(10)
    expect(all.every(({ id, bytes }) => /^[0-9a-f]{8}$/.test(id) && bytes.length === 32)).toBe(true)
    expect(keys.ringOf('cursor').map(({ id }) => id)).toEqual([
      parseSecretKeys(newer).ringOf('cursor')[0].id,
      parseSecretKeys(older).ringOf('cursor')[0].id,
    ])
  })

  test('the derivation is pinned: another one would log everybody out, or orphan every user', () => {
    const ring = [parseSecretKeys(newer).ringOf('refresh-token')[0], parsePseudonymKeys(newer)[0]]
    expect(ring.map(({ id, bytes }) => `${id} ${Buffer.from(bytes).toString('hex').slice(0, 16)}`)).toMatchInlineSnapshot(`
      [
        "3a0d9b4e 15d98746be90eeba",
        "fba8bbd0 3136cee2abbb7752",
      ]
    `)
  })

  test('an id is not a digest of the secret or of the key', () => {
    const [{ id, bytes }] = parsePseudonymKeys(newer)
    const digests = [newer, bytes].map((text) => createHash('sha256').update(text).digest('hex').slice(0, 8))
    expect(digests).not.toContain(id)
  })

  test.each([
    ['', /SECRET_KEYS is empty/],
    ['short', /key 1 has 5 bytes/],
    [`${newer},`, /key 2 has 0 bytes/],
    [`${newer},${newer}`, /same key twice/],
    [Array.from({ length: 17 }, (_, index) => `${index}${newer}`).join(','), /at most 16/],
  ])('refuses %#: one clear line that quotes no secret', (text, message) => {
    expect(() => parseSecretKeys(text)).toThrow(message)
    expect(() => parseSecretKeys(text)).not.toThrow(/ffff|short/)
  })
})
