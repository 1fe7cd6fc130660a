import type { Clock } from '@holdfast/usecases/ports/clock'
import type { ProviderRecord } from '@holdfast/usecases/ports/key-set-store'
import { AnswerFault, fetchJson, type Fetch } from './bounded-fetch.ts'

interface Asking {
  readonly fetch: Fetch
  readonly clock: Clock
  /** Ends the requests early. */
  readonly signal: AbortSignal
}

/**
 * Reads `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery §4) and the key set that it names.
 * Rejects with `AnswerFault` where either is missing, malformed, of another issuer, less secure than the issuer, or without keys.
 */
export async function fetchProviderRecord(issuer: string, asking: Asking): Promise<ProviderRecord> {
  const metadata = await fetchObject(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, asking)
  if (metadata.issuer !== issuer)
    throw new AnswerFault('The discovery document is of another issuer: OIDC_ISSUER must match it to the letter')
  const tokenEndpoint = addressIn(metadata, 'token_endpoint', issuer)
  const { keys } = await fetchObject(addressIn(metadata, 'jwks_uri', issuer), asking)
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isObject)) throw new AnswerFault('The key set holds no keys')
  const methods: unknown = metadata.token_endpoint_auth_methods_supported
  // client_secret_basic where nothing is said (Discovery §3).
  const takesSecretInBody = Array.isArray(methods) && methods.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return { issuer, tokenEndpoint, takesSecretInBody, keys, learntAt: Math.round(asking.clock.now()) }
}

async function fetchObject(url: string, { fetch, clock, signal }: Asking): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await fetchJson(fetch, clock, url, { headers: { accept: 'application/json' }, signal }).catch((error: Error) => {
    throw new AnswerFault(`${url} ${error.message}`)
  })
  if (status !== 200) throw new AnswerFault(`${url} answered ${status}`)
  if (!isObject(body)) throw new AnswerFault(`${url} did not answer with a JSON object`)
  return body
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function addressIn(metadata: Readonly<Record<string, unknown>>, name: string, issuer: string): string {
  const value = metadata[name]
  const url = typeof value === 'string' ? URL.parse(value) : null
  const isAsSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && issuer.startsWith('http:'))
  if (url === null || !isAsSecure) throw new AnswerFault(`The discovery document's ${name} is not an address as secure as the issuer's`)
  return url.href
}
