import { isLoopback } from './loopback.ts'
import { ownPaths } from './own-paths.ts'
import type { SettingName, SettingValues } from './settings.ts'

/** What the rules judge: which variables are set at all, and the values of those that are sound. */
export interface Given {
  readonly values: Partial<SettingValues>
  isSet(name: SettingName): boolean
}

/** A rule across variables: the problem as one line that begins with a variable's name, or `undefined`. */
type Rule = (given: Given) => string | undefined

const isProduction = ({ values }: Given) => values.NODE_ENV === 'production'
const hasKeys = ({ isSet }: Given) => isSet('SECRET_KEYS') || isSet('SECRET_KEYS_FILE')

/** All rules; a rule on a variable that is itself unsound stays silent where it would only repeat that. */
export const rules: readonly Rule[] = [
  ({ values, isSet }) =>
    isSet('DATABASE_URL') && values.EMBEDDED_DATABASE === true
      ? 'EMBEDDED_DATABASE is 1 while DATABASE_URL names a server: unset one of them.'
      : undefined,
  (given) =>
    isProduction(given) && !given.isSet('DATABASE_URL') && given.values.EMBEDDED_DATABASE === false
      ? 'DATABASE_URL is needed with NODE_ENV=production: set it, or ask for the embedded database with EMBEDDED_DATABASE=1.'
      : undefined,
  (given) =>
    isProduction(given) && !given.isSet('OIDC_ISSUER')
      ? 'OIDC_ISSUER is needed with NODE_ENV=production: name your OpenID Connect provider; the embedded one is for development.'
      : undefined,
  (given) =>
    isProduction(given) && given.values.EMBEDDED_IDENTITY === true
      ? 'EMBEDDED_IDENTITY must not be 1 with NODE_ENV=production: unset it and name a provider by OIDC_ISSUER.'
      : undefined,
  (given) =>
    !isProduction(given) && given.isSet('OIDC_ISSUER') && given.values.EMBEDDED_IDENTITY === true
      ? 'EMBEDDED_IDENTITY is 1 while OIDC_ISSUER names a provider: unset one of them.'
      : undefined,
  ({ values: { BUFFER_EXPIRY_HOURS: hours, REPLAY_HORIZON_DAYS: days } }) =>
    hours !== undefined && days !== undefined && days * 24 < hours
      ? 'REPLAY_HORIZON_DAYS is shorter than BUFFER_EXPIRY_HOURS: writes that wait must not outlive the time in which they may be applied.'
      : undefined,
  ({ values, isSet }) =>
    isSet('OIDC_ISSUER') && !isSet('OIDC_CLIENT_ID') && values.OIDC_ISSUER !== undefined
      ? 'OIDC_CLIENT_ID is needed with OIDC_ISSUER: set the client id that the provider gave this service.'
      : undefined,
  ({ isSet }) =>
    isSet('OIDC_CLIENT_ID') && !isSet('OIDC_ISSUER')
      ? 'OIDC_CLIENT_ID has no effect without OIDC_ISSUER: set that, or unset this.'
      : undefined,
  ({ isSet }) =>
    isSet('OIDC_CLIENT_SECRET') && !isSet('OIDC_ISSUER')
      ? 'OIDC_CLIENT_SECRET has no effect without OIDC_ISSUER: set that, or unset this.'
      : undefined,
  (given) =>
    isProduction(given) && given.values.OIDC_ISSUER !== undefined && isPlainHttp(given.values.OIDC_ISSUER)
      ? 'OIDC_ISSUER must be an https:// URL with NODE_ENV=production.'
      : undefined,
  embeddedIdentityIsLocal,
  ({ isSet }) =>
    isSet('SECRET_KEYS') && isSet('SECRET_KEYS_FILE') ? 'SECRET_KEYS and SECRET_KEYS_FILE are both set: unset one of them.' : undefined,
  (given) =>
    isProduction(given) && !hasKeys(given)
      ? 'SECRET_KEYS is needed with NODE_ENV=production: set it or SECRET_KEYS_FILE (openssl rand -hex 32 makes a key).'
      : undefined,
  (given) =>
    isProduction(given) && !given.isSet('PSEUDONYM_KEYS')
      ? 'PSEUDONYM_KEYS is needed with NODE_ENV=production: set it, and keep it for ever (openssl rand -hex 32 makes a key).'
      : undefined,
  (given) =>
    !isProduction(given) && hasKeys(given) !== given.isSet('PSEUDONYM_KEYS')
      ? 'PSEUDONYM_KEYS and SECRET_KEYS (or SECRET_KEYS_FILE) go together: set both, or neither to have them made in DATA_DIR/keys.'
      : undefined,
  ({ values }) =>
    values.OPERATIONS_PORT !== undefined && values.OPERATIONS_PORT !== 0 && values.OPERATIONS_PORT === (values.PORT ?? 3000)
      ? 'OPERATIONS_PORT is the same as PORT: give it a port of its own, or unset it.'
      : undefined,
  ({ values }) => {
    const root = values.PUBLIC_URL === undefined ? '' : new URL(values.PUBLIC_URL).pathname.split('/')[1]
    return ownPaths.some((path) => path === root)
      ? `PUBLIC_URL has a base path that begins like a path of the service, /${root}: give it another one, such as /holdfast.`
      : undefined
  },
]

const isPlainHttp = (url: string) => url.startsWith('http:') && !isLoopback(new URL(url).hostname)

function embeddedIdentityIsLocal(given: Given): string | undefined {
  const { values, isSet } = given
  if (isProduction(given) || isSet('OIDC_ISSUER') || values.HOST === undefined || values.EMBEDDED_IDENTITY !== false) return undefined
  if (isLoopback(values.HOST)) return undefined
  return 'HOST can be reached by others, and the embedded identity provider gives anybody any name: set OIDC_ISSUER, or EMBEDDED_IDENTITY=1 if that is meant.'
}
