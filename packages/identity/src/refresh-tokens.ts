import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import type { RefreshClaims, Tokens } from '@holdfast/usecases/ports/tokens'
import { isSameText, sealOf } from './sealed-text.ts'
import { keyWithId, type DerivedKey, type KeyRing } from './secret-keys.ts'

const version = 'v1'
const maxLength = 256

/**
 * Refresh tokens: `v1.<key id>.<family>.<user>.<counter>.<absolute expiry in ms>.<HMAC-SHA-256, base64url>`. No store is needed to
 * read one, and nothing in it is random: the successor of counter n is the same text at every instance with the same newest key.
 */
export function createRefreshTokens(ring: KeyRing): Pick<Tokens, 'issueRefresh' | 'readRefresh'> {
  return {
    issueRefresh: (claims) => tokenOf(ring[0], claims),
    readRefresh(token) {
      if (token.length > maxLength) throw invalid()
      const [, keyId = '', family, user, counter, expiry] = token.split('.')
      const key = keyWithId(ring, keyId)
      const claims = { session: family as SessionId, user: user as UserId, counter: Number(counter), expiresAt: Number(expiry) }
      // The whole text is made anew and compared: only what was issued so, to the letter, is read.
      if (key === undefined || !isSameText(tokenOf(key, claims), token)) throw invalid()
      return claims
    },
  }
}

function tokenOf(key: DerivedKey, { session, user, counter, expiresAt }: RefreshClaims): string {
  const text = `${version}.${key.id}.${session}.${user}.${counter}.${expiresAt}`
  return `${text}.${sealOf(key, text).toString('base64url')}`
}

const invalid = () => new ApplicationError('AUTH_REFRESH_TOKEN_INVALID', { detail: 'Log in again.' })
