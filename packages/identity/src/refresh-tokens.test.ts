import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { describe, expect, test } from 'vitest'
import { createRefreshTokens } from './refresh-tokens.ts'
import { parseSecretKeys } from './secret-keys.ts'

const tokensUnder = (keys: string) => createRefreshTokens(parseSecretKeys(keys).ringOf('refresh-token'))
const older = 'o'.repeat(32)
const newer = 'n'.repeat(32)
const claims = {
  session: '0190a0b0-0000-7000-8000-000000000001' as SessionId,
  user: '0190a0b0-0000-8000-8000-000000000002' as UserId,
  counter: 7,
  expiresAt: 1_900_000_000_000,
  authenticatedAt: 1_897_407_900_000,
}

describe('refresh tokens', () => {
  test('the same claims give the same token at two instances, and it reads back', () => {
    const token = tokensUnder(newer).issueRefresh(claims)
    expect(token).toBe(tokensUnder(newer).issueRefresh({ ...claims }))
    expect(token).toMatch(/^v2\.[0-9a-f]{8}\.[0-9a-f-]{36}\.[0-9a-f-]{36}\.7\.1900000000000\.1897407900000\.[\w-]{43}$/)
    expect(tokensUnder(newer).readRefresh(token)).toEqual(claims)
  })

  test('after a rotation the old key still verifies and the new one signs', () => {
    const old = tokensUnder(older).issueRefresh(claims)
    const rotated = tokensUnder(`${newer},${older}`)
    expect(rotated.readRefresh(old)).toEqual(claims)
    expect(rotated.issueRefresh(claims)).toBe(tokensUnder(newer).issueRefresh(claims))
    expect(() => tokensUnder(newer).readRefresh(old)).toThrow(expect.objectContaining({ code: 'AUTH_REFRESH_TOKEN_INVALID' }))
  })

  test('a token of the version before is good, and was authenticated at the beginning of its session at the latest', () => {
    const v1 =
      'v1.0ad92469.0190a0b0-0000-7000-8000-000000000001.0190a0b0-0000-8000-8000-000000000002.7.1900000000000.heOLVUdy67YwCyjJD_Chm3-W84c1FVvIMPkRwuSYL-0'
    const read = tokensUnder(newer).readRefresh(v1)
    expect(read).toEqual({ ...claims, authenticatedAt: 1_900_000_000_000 - 30 * 86_400_000 })
    expect(tokensUnder(newer).issueRefresh({ ...read, counter: 8 })).toMatch(/^v2\..*\.8\.1900000000000\.1897408000000\./)
    const asOther = v1.replace('v1', 'v2')
    expect(() => tokensUnder(newer).readRefresh(asOther)).toThrow(expect.objectContaining({ code: 'AUTH_REFRESH_TOKEN_INVALID' }))
  })

  test('every single changed character is refused', () => {
    const tokens = tokensUnder(newer)
    const token = tokens.issueRefresh(claims)
    for (const [index, character] of [...token].entries()) {
      for (const other of ['0', '1', 'a', 'B', '_', '.', '+'].filter((candidate) => candidate !== character)) {
        const tampered = token.slice(0, index) + other + token.slice(index + 1)
        expect(() => tokens.readRefresh(tampered)).toThrow(expect.objectContaining({ code: 'AUTH_REFRESH_TOKEN_INVALID' }))
      }
    }
  })

  test.each([
    '',
    'v1',
    'v1......',
    'x'.repeat(1_000_000),
    `${tokensUnder(newer).issueRefresh(claims)}.`,
    ` ${tokensUnder(newer).issueRefresh(claims)}`,
    tokensUnder(newer).issueRefresh(claims).replace('.7.', '.07.'),
    tokensUnder(newer).issueRefresh(claims).replace('.7.', '.9007199254740993.'),
    tokensUnder(newer).issueRefresh(claims).toUpperCase(),
  ])('refuses %#', (text) => {
    expect(() => tokensUnder(newer).readRefresh(text)).toThrow(expect.objectContaining({ code: 'AUTH_REFRESH_TOKEN_INVALID' }))
  })
})
