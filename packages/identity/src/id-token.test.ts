import { createPublicKey } from 'node:crypto'
import { SignJWT, UnsecuredJWT, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createEmbeddedIdentityProvider, embeddedIssuer } from './identity-provider.openid.ts'
import { identityOf } from './id-token.ts'
import { fixedKeys } from './provider-keys.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'
import { signingKey } from './testing/signing-key.ts'

const clock = adjustableClock()
const nowSeconds = clock.now() / 1000
const key = await signingKey('one')
const rsa = await signingKey('two', 'RS256')
const keySet = { keys: [key.publicKey, rsa.publicKey] }
const issuer = 'https://login.example'
const goodClaims = { iss: issuer, aud: 'holdfast', sub: 'ada', iat: nowSeconds, exp: nowSeconds + 600, auth_time: nowSeconds - 60 }

const read = (idToken: string) =>
  identityOf(idToken, { keys: fixedKeys(keySet), issuers: ['https://other.example', issuer], clientId: 'holdfast', clock })
const readSigned = async (claims: Record<string, unknown>, header = {}) => read(await key.sign({ ...goodClaims, ...claims }, header))
const rejectedBecause = (detail: RegExp) => expect.objectContaining({ code: 'AUTH_GRANT_REJECTED', detail: expect.stringMatching(detail) })

describe('an ID token', () => {
  test('names who logged in, where and when', async () => {
    const identity = { issuer, subject: 'ada', authenticatedAt: (nowSeconds - 60) * 1000 }
    expect(await readSigned({})).toEqual(identity)
    expect(await readSigned({}, { typ: 'JWT' })).toEqual(identity)
    expect(await readSigned({ aud: ['holdfast'] })).toEqual(identity)
    expect(await readSigned({ aud: ['holdfast', 'other'], azp: 'holdfast' })).toEqual(identity)
    expect(await read(await rsa.sign(goodClaims))).toEqual(identity)
  })

  test('without auth_time, was issued when the user logged in', async () => {
    expect(await readSigned({ auth_time: undefined, iat: nowSeconds - 5 })).toMatchObject({ authenticatedAt: (nowSeconds - 5) * 1000 })
  })

  test('may run five seconds fast, but nobody logged in in the future', async () => {
    const ahead = { iat: nowSeconds + 5, auth_time: nowSeconds + 5 }
    expect(await readSigned(ahead)).toMatchObject({ authenticatedAt: clock.now() })
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no exp', { exp: undefined }, /"exp"/],
    ['no iat', { iat: undefined }, /"iat"/],
    ['no iss', { iss: undefined }, /"iss"/],
    ['no aud', { aud: undefined }, /"aud"/],
    ['no sub', { sub: undefined }, /"sub"/],
    ['an empty sub', { sub: '' }, /"sub"/],
    ['a long sub', { sub: 'a'.repeat(256) }, /"sub"/],
    ['an exp in the past', { exp: nowSeconds - 5 }, /has expired/],
    ['an iat in the future', { iat: nowSeconds + 6 }, /"iat"/],
    ['an iat of yesterday', { iat: nowSeconds - 90_000 }, /has expired/],
    ['another issuer', { iss: 'https://evil.example' }, /"iss"/],
    ['another client', { aud: 'other' }, /"aud"/],
    ['two clients and no azp', { aud: ['holdfast', 'other'] }, /"azp"/],
    ['another azp', { azp: 'other' }, /"azp"/],
    ['a login in the future', { auth_time: nowSeconds + 6 }, /"auth_time"/],
    ['a login that is no time', { auth_time: 'now' }, /"auth_time"/],
    ['a start in the future', { nbf: nowSeconds + 6 }, /not valid yet/],
  ])('with %s is refused', async (_, claims, detail) => {
    await expect(readSigned(claims)).rejects.toEqual(rejectedBecause(detail))
  })

  test.each(['at+jwt', 'logout+jwt'])('is not a token of type %s', async (typ) => {
    await expect(readSigned({}, { typ })).rejects.toEqual(rejectedBecause(/not an ID token/))
  })

  test('unsigned, or signed with the public key as a secret, is refused', async () => {
    const pem = createPublicKey({ key: key.publicKey as JWK & Record<string, string>, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    for (const secret of [Buffer.from(pem), Buffer.from(JSON.stringify(key.publicKey))]) {
      const forged = await new SignJWT(goodClaims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret)
      await expect(read(forged)).rejects.toEqual(rejectedBecause(/must be signed with one of/))
    }
    await expect(read(new UnsecuredJWT(goodClaims).encode())).rejects.toMatchObject({ code: 'AUTH_GRANT_REJECTED' })
  })

  test('signed by a stranger is refused, also under a known key id or a key of its own', async () => {
    const stranger = await signingKey('three')
    await expect(read(await stranger.sign(goodClaims))).rejects.toEqual(rejectedBecause(/key that is not/))
    await expect(read(await stranger.sign(goodClaims, { kid: 'one' }))).rejects.toEqual(rejectedBecause(/signature/))
    await expect(read(await stranger.sign(goodClaims, { kid: 'one', jwk: stranger.publicKey }))).rejects.toEqual(
      rejectedBecause(/signature/),
    )
  })

  test('that is no token is refused, and nothing of any token is repeated', async () => {
    const named = await key.sign({ ...goodClaims, name: 'Ada Lovelace', aud: 'other' })
    const error = await read(named).catch((caught: unknown) => caught)
    expect(
      Object.values(error as object)
        .concat((error as Error).stack)
        .join(),
    ).not.toMatch(/Lovelace|eyJ/)
    for (const text of ['', 'a.b.c', 'a'.repeat(1_000_000), `${await key.sign(goodClaims)}.x`]) {
      await expect(read(text)).rejects.toMatchObject({ code: 'AUTH_GRANT_REJECTED', cause: undefined })
    }
  })

  test('of the embedded provider gives a constant issuer, whatever the address', async () => {
    const issuers = ['http://127.0.0.1:3000/iam', 'http://127.0.0.1:4000/iam']
    const fetch = () => Promise.reject(new Error('no network'))
    const provider = createEmbeddedIdentityProvider({ keySet, issuers, clientId: 'holdfast', tokenEndpoint: () => '', clock, fetch })
    for (const iss of issuers) {
      const idToken = await key.sign({ ...goodClaims, iss })
      expect(await provider.exchange({ type: 'id_token', idToken })).toMatchObject({ issuer: embeddedIssuer, subject: 'ada' })
    }
    await expect(provider.exchange({ type: 'id_token', idToken: await key.sign(goodClaims) })).rejects.toEqual(rejectedBecause(/"iss"/))
  })
})
