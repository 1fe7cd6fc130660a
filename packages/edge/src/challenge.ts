import { errorCodes, type ErrorCode } from '@holdfast/domain/error-codes'

/** The `WWW-Authenticate` of a 401 (RFC 6750 §3): says no error where nothing was presented. */
export function challengeOf(code: ErrorCode): string {
  if (code === 'AUTH_REQUIRED') return 'Bearer'
  const error = code === 'AUTH_GRANT_REJECTED' || code.startsWith('AUTH_REFRESH_TOKEN_') ? 'invalid_grant' : 'invalid_token'
  // A quoted string takes ASCII only; the titles have typographic apostrophes.
  return `Bearer error="${error}", error_description="${errorCodes[code].title.replaceAll(/[^ !#-[\]-~]/g, "'")}"`
}
