import { createHmac, generateKeyPairSync } from 'node:crypto'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'
import { createAuthenticator } from './authenticator.ts'
import { parseSecretKeys, type KeyRing } from './secret-keys.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'

const ringOf = (keys: string): KeyRing => parseSecretKeys(keys).ringOf('access-token')
const older = ringOf('o'.repeat(32))
const ring = ringOf('n'.repeat(32))
const session = '0190a0b0-0000-7000-8000-000000000001' as SessionId
const user = '0190a0b0-0000-8000-8000-000000000002' as UserId
const startMs = Date.UTC(2030, 0, 1) + 123
const authenticatedAt = startMs - 60_456
const invalid = { code: 'AUTH_TOKEN_INVALID' }

function setUp() {
  const clock = adjustableClock(startMs)
  return { clock, tokens: createAccessTokens(ring, clock) }
}

const goodClaims: JWTPayload = {
  iss: 'holdfast',
  aud: 'holdfast-api',
  sub: user,
  sid: session,
  auth_time: authenticatedAt / 1000,
  jti: 'a',
  iat: startMs / 1000,
  exp: startMs / 1000 + 600,
}
/** A token signed with the right key, but with claims or headers changed; `undefined` leaves one out. */
function forge(claims: JWTPayload, header: Record<string, unknown> = {}, key: Uint8Array = ring[0].bytes): Promise<string> {
  return new SignJWT({ ...goodClaims, ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: ring[0].id, ...header }).sign(key)
}

describe('access tokens', () => {
  test('read back to the millisecond, for ten minutes', async () => {
    const { clock, tokens } = setUp()
    const { token, expiresInSeconds } = await tokens.issueAccess({ user, session, authenticatedAt })
    expect(expiresInSeconds).toBe(600)
    const claims = { user, session, authenticatedAt, issuedAt: startMs, expiresAt: startMs + 600_000 }
    expect(await tokens.readAccess(token)).toEqual(claims)
    clock.advance(604_999)
    expect(await tokens.readAccess(token)).toEqual(claims)
    clock.advance(1)
    await expect(tokens.readAccess(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
    await expect(createAccessTokens(ring, clock).readAccess(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
  })

  test('the forger of these tests is sound: unchanged, its token is good', async () => {
    expect(await setUp().tokens.readAccess(await forge({}))).toMatchObject({ user, session })
  })

  test.each(['exp', 'iat', 'aud', 'iss', 'sub', 'sid', 'jti', 'auth_time'])('without %s are refused', async (claim) => {
    await expect(setUp().tokens.readAccess(await forge({ [claim]: undefined }))).rejects.toMatchObject(invalid)
  })

  test.each<[string, JWTPayload, Record<string, unknown>]>([
    ['no typ', {}, { typ: undefined }],
    ['another typ', {}, { typ: 'JWT' }],
    ['no key id', {}, { kid: undefined }],
    ['an unknown key id', {}, { kid: '00000000' }],
    ['another issuer', { iss: 'https://evil.example' }, {}],
    ['another audience', { aud: 'other' }, {}],
    ['an issue in the future', { iat: startMs / 1000 + 6, exp: startMs / 1000 + 606 }, {}],
    ['a text for a time', { exp: '9999999999' as unknown as number }, {}],
    ['a subject that is no id', { sub: 'ada' }, {}],
    ['a session that is no id', { sid: 7 }, {}],
    ['an authentication that is no time', { auth_time: 'now' }, {}],
  ])('with %s are refused', async (_, claims, header) => {
    await expect(setUp().tokens.readAccess(await forge(claims, header))).rejects.toMatchObject(invalid)
  })

  test('with another algorithm are refused, though the key is the right one', async () => {
    const [header, payload] = [{ alg: 'HS512', typ: 'at+jwt', kid: ring[0].id }, goodClaims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const seal = createHmac('sha512', ring[0].bytes).update(`${header}.${payload}`).digest('base64url')
    await expect(setUp().tokens.readAccess(`${header}.${payload}.${seal}`)).rejects.toMatchObject(invalid)
  })

  test('of more than a day are refused, whatever end they name', async () => {
    const { clock, tokens } = setUp()
    const token = await forge({ exp: startMs / 1000 + 200_000 })
    clock.advance(25 * 60 * 60 * 1000)
    await expect(tokens.readAccess(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
  })

  test('unsigned, signed by another, signed with a public key, or no token at all: refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
    const texts = [
      new UnsecuredJWT(goodClaims).encode(),
      await forge({}, {}, older[0].bytes),
      await forge({}, { kid: older[0].id }, older[0].bytes),
      await forge({}, {}, pem),
      await new SignJWT(goodClaims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: ring[0].id }).sign(privateKey),
      (await forge({})).slice(0, -1),
      '',
      'a.b.c',
      'a'.repeat(1_000_000),
    ]
    for (const text of texts) await expect(setUp().tokens.readAccess(text)).rejects.toMatchObject(invalid)
  })

  test('a token of 1 MB is refused before anything is made of it, even if well signed', async () => {
    const big = await forge({ filler: 'a'.repeat(1_000_000) })
    const parse = vi.spyOn(JSON, 'parse')
    await expect(setUp().tokens.readAccess(big)).rejects.toMatchObject(invalid)
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })

  test('a checked signature is not checked again, its time is', async () => {
    const { clock, tokens } = setUp()
    const token = await forge({})
    const verify = vi.spyOn(crypto.subtle, 'verify')
    for (let call = 0; call < 5; call += 1) await tokens.readAccess(token)
    expect(verify).toHaveBeenCalledTimes(1)
    verify.mockRestore()
    await expect(tokens.readAccess(`${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`)).rejects.toMatchObject(invalid)
    clock.advance(-6_000)
    await expect(tokens.readAccess(token)).rejects.toMatchObject(invalid)
    clock.advance(6_000 + 605_000)
    await expect(tokens.readAccess(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
  })

  test('after a rotation the old key still verifies and the new one signs', async () => {
    const { clock } = setUp()
    const { token: old } = await createAccessTokens(older, clock).issueAccess({ user, session, authenticatedAt })
    const rotated = createAccessTokens(ringOf(`${'n'.repeat(32)},${'o'.repeat(32)}`), clock)
    expect(await rotated.readAccess(old)).toMatchObject({ user })
    const { token } = await rotated.issueAccess({ user, session, authenticatedAt })
    expect(await createAccessTokens(ring, clock).readAccess(token)).toMatchObject({ user })
  })
})

describe('the authenticator', () => {
  test('makes an actor, until the session is revoked: also for a token whose signature is remembered', async () => {
    const { tokens } = setUp()
    let isRevoked = false
    const asked = vi.fn(() => isRevoked)
    const authenticator = createAuthenticator(tokens, { add: () => {}, isRevoked: asked })
    const { token } = await tokens.issueAccess({ user, session, authenticatedAt })
    expect(await authenticator.actorOf(token)).toEqual({ kind: 'user', userId: user, sessionId: session, authenticatedAt })
    isRevoked = true
    await expect(authenticator.actorOf(token)).rejects.toMatchObject({ code: 'AUTH_SESSION_ENDED' })
    expect(asked).toHaveBeenLastCalledWith(user, session, startMs)
  })
})
