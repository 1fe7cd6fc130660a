import { ApplicationError } from '@holdfast/domain/application-error'
import type { SessionId, UserId } from '@holdfast/domain/identifiers'
import { sessionLifetimeMs } from '@holdfast/domain/session'
import type { RefreshClaims, Tokens } from '@holdfast/usecases/ports/tokens'
import { isSameText, sealOf } from './sealed-text.ts'
import { keyWithId, type DerivedKey, type KeyRing } from './secret-keys.ts'

const maxLength = 256

/**
 * Refresh tokens: `v2.<key id>.<family>.<user>.<counter>.<absolute expiry in ms>.<authentication in ms>.<HMAC-SHA-256, base64url>`. No
 * store is needed to read one, so that a refresh can be answered in full while the database is away; and nothing in it is random: the
 * successor of counter n is the same text at every instance with the same newest key. `v1`, still read, lacks the authentication.
 */
export function createRefreshTokens(ring: KeyRing): Pick<Tokens, 'issueRefresh' | 'readRefresh'> {
  return {
    issueRefresh: (claims) => tokenOf('v2', ring[0], claims),
    readRefresh(token) {
      if (token.length > maxLength) throw invalid()
      const [stated, keyId = '', family, user, counter, expiry, authentication] = token.split('.')
      const version = stated === 'v1' ? 'v1' : 'v2'
      const key = keyWithId(ring, keyId)
      const expiresAt = Number(expiry)
      // Of a v1 token it is only known that its session began with a login.
      const authenticatedAt = version === 'v1' ? expiresAt - sessionLifetimeMs : Number(authentication)
      const claims = { session: family as SessionId, user: user as UserId, counter: Number(counter), expiresAt, authenticatedAt }
      // The whole text is made anew and compared: only what was issued so, to the letter, is read.
      if (key === undefined || !isSameText(tokenOf(version, key, claims), token)) throw invalid()
      return claims
    },
  }
}

function tokenOf(version: 'v1' | 'v2', key: DerivedKey, claims: RefreshClaims): string {
  const { session, user, counter, expiresAt, authenticatedAt } = claims
  const authentication = version === 'v1' ? '' : `.${authenticatedAt}`
  const text = `${version}.${key.id}.${session}.${user}.${counter}.${expiresAt}${authentication}`
  return `${text}.${sealOf(key, text).toString('base64url')}`
}

const invalid = () => new ApplicationError('AUTH_REFRESH_TOKEN_INVALID', { detail: 'Log in again.' })
