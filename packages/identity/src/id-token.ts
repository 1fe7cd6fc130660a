import { ApplicationError } from '@holdfast/domain/application-error'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Identity } from '@holdfast/usecases/ports/identity-provider'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { ProviderKeys } from './provider-keys.ts'

export interface IdTokenExpectations {
  readonly keys: ProviderKeys
  /** Any of these may have issued the token. */
  readonly issuers: readonly string[]
  readonly clientId: string
  readonly clock: Clock
}

const maxLength = 8_192
const maxSubjectLength = 255
const toleranceSeconds = 5
/** Asymmetric only: a public key can then never serve as the secret of an HMAC. */
const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/**
 * Checks an ID token (OpenID Connect Core §3.1.3.7; no nonce, as there is no redirect of ours to bind it to).
 * Rejects with `ApplicationError` `AUTH_GRANT_REJECTED`, saying why without quoting the token, or `AUTH_PROVIDER_UNAVAILABLE`.
 */
export async function identityOf(idToken: string, expected: IdTokenExpectations): Promise<Identity> {
  if (idToken.length > maxLength) throw rejected(`The ID token is longer than ${maxLength} characters.`)
  const nowMs = expected.clock.now()
  try {
    const { payload, protectedHeader } = await jwtVerify(idToken, (header, token) => expected.keys.keyOf(header, token), {
      algorithms,
      issuer: [...expected.issuers],
      audience: expected.clientId,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: toleranceSeconds,
      maxTokenAge: '24h',
      currentDate: new Date(nowMs),
    })
    // An access or logout token of the same provider is signed with the same keys: its type tells it apart.
    if (protectedHeader.typ !== undefined && protectedHeader.typ.toUpperCase() !== 'JWT') throw rejected('This is not an ID token.')
    return identityFrom(payload, expected.clientId, nowMs)
  } catch (error) {
    // Not passed on as a cause: jose's claim errors carry the whole payload, which may name a person.
    throw error instanceof errors.JOSEError ? rejected(reasonOf(error)) : error
  }
}

function identityFrom(payload: JWTPayload, clientId: string, nowMs: number): Identity {
  const { iss = '', sub, aud, azp, iat, auth_time: authTime = iat } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectLength) throw rejected('The ID token’s "sub" is not usable.')
  const isForUsAlone = azp === clientId || (azp === undefined && (typeof aud === 'string' || aud?.length === 1))
  if (!isForUsAlone) throw rejected('The ID token’s "azp" names another client.')
  if (typeof authTime !== 'number' || !Number.isFinite(authTime) || authTime * 1000 > nowMs + toleranceSeconds * 1000) {
    throw rejected('The ID token’s "auth_time" is not a time in the past.')
  }
  return { issuer: iss, subject: sub, authenticatedAt: Math.min(Math.round(authTime * 1000), nowMs) }
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The ID token has expired: ask the identity provider for a new one.'
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? 'The ID token lacks a claim, or has a wrong one.'
  if (error instanceof errors.JOSEAlgNotAllowed) return `The ID token must be signed with one of ${algorithms.join(', ')}.`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The ID token’s signature does not hold.'
  if (error instanceof errors.JWKSNoMatchingKey) return 'The ID token is signed with a key that is not the identity provider’s.'
  return 'This is not an ID token that can be read.'
}

const claimReasons: Readonly<Record<string, string>> = {
  iss: 'The ID token’s "iss" is not the configured identity provider.',
  aud: 'The ID token’s "aud" is not this service’s client id.',
  exp: 'The ID token has no usable "exp".',
  iat: 'The ID token’s "iat" is missing or in the future.',
  nbf: 'The ID token is not valid yet.',
  sub: 'The ID token has no "sub".',
}

export const rejected = (detail: string) => new ApplicationError('AUTH_GRANT_REJECTED', { detail })
