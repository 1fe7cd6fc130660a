import { createSecretKey } from 'node:crypto'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { isUuid, uuidV7 } from '@holdfast/domain/uuid'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { AccessClaims, Tokens } from '@holdfast/usecases/ports/tokens'
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { createRecentClaims } from './recent-claims.ts'
import type { KeyRing } from './secret-keys.ts'

// Constants, not addresses: a restart on another port keeps everybody logged in.
const issuer = 'holdfast'
const audience = 'holdfast-api'
const type = 'at+jwt'
const algorithm = 'HS256'
const lifetimeSeconds = 600
const toleranceSeconds = 5
const maxLength = 8_192
const maxRemembered = 20_000

/**
 * Access tokens: JWT (RFC 9068 `at+jwt`), HS256, ten minutes. `iat` and `auth_time` carry milliseconds as a fraction, so that a
 * token issued in the second of a revocation is judged rightly. A signature is checked once; time is judged on every call.
 */
export function createAccessTokens(ring: KeyRing, clock: Clock): Pick<Tokens, 'issueAccess' | 'readAccess'> {
  const keys = new Map(ring.map(({ id, bytes }) => [id, createSecretKey(bytes)]))
  const recent = createRecentClaims<AccessClaims>(maxRemembered)

  return {
    async issueAccess({ user, session, authenticatedAt }) {
      const nowMs = clock.now()
      const token = await new SignJWT({ sid: session, auth_time: authenticatedAt / 1000 })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: ring[0].id })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(user)
        .setJti(uuidV7(nowMs, clock.random(10)))
        .setIssuedAt(nowMs / 1000)
        .setExpirationTime(nowMs / 1000 + lifetimeSeconds)
        .sign(keyNamed(ring[0].id))
      return { token, expiresInSeconds: lifetimeSeconds }
    },

    async readAccess(token) {
      if (token.length > maxLength) throw invalid()
      const known = recent.get(token)
      const claims = known ?? (await verify(token))
      const nowMs = clock.now()
      if (claims.expiresAt + toleranceSeconds * 1000 <= nowMs) {
        recent.remove(token)
        throw expired()
      }
      if (claims.issuedAt - toleranceSeconds * 1000 > nowMs) throw invalid()
      if (known === undefined) recent.add(token, claims)
      return claims
    },
  }

  async function verify(token: string): Promise<AccessClaims> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => keyNamed(kid), {
        algorithms: [algorithm],
        typ: type,
        issuer,
        audience,
        requiredClaims: ['exp', 'iat', 'sub', 'sid', 'auth_time', 'jti'],
        clockTolerance: toleranceSeconds,
        maxTokenAge: '24h',
        currentDate: new Date(clock.now()),
      })
      return claimsOf(payload)
    } catch (error) {
      // Not passed on as a cause: jose's claim errors carry the whole payload.
      if (error instanceof errors.JWTExpired) throw expired()
      throw error instanceof errors.JOSEError ? invalid() : error
    }
  }

  function keyNamed(id: string | undefined) {
    const key = keys.get(id ?? '')
    if (key === undefined) throw new errors.JWKSNoMatchingKey()
    return key
  }
}

function claimsOf({ sub, sid, auth_time: authTime, iat, exp }: JWTPayload): AccessClaims {
  if (typeof sub !== 'string' || !isUuid(sub) || typeof sid !== 'string' || !isUuid(sid)) throw invalid()
  if (typeof authTime !== 'number' || iat === undefined || exp === undefined) throw invalid()
  return Object.freeze({
    user: sub as UserId,
    session: sid as SessionId,
    authenticatedAt: Math.round(authTime * 1000),
    issuedAt: Math.round(iat * 1000),
    expiresAt: Math.round(exp * 1000),
  })
}

const invalid = () => new ApplicationError('AUTH_TOKEN_INVALID', { detail: 'Refresh the access token, or log in again.' })
const expired = () => new ApplicationError('AUTH_TOKEN_EXPIRED', { detail: 'Refresh the access token.' })
