import type { Clock } from '@holdfast/usecases/ports/clock'
import type { LoginGrant } from '@holdfast/usecases/ports/identity-provider'
import { fetchJson, type Fetch, type JsonAnswer } from './bounded-fetch.ts'
import { rejected } from './id-token.ts'
import { providerUnavailable } from './remote-provider.ts'

export type CodeGrant = Extract<LoginGrant, { type: 'authorization_code' }>

/** Exchanges an authorization code for the ID token that belongs to it. */
export type RedeemCode = (grant: CodeGrant) => Promise<string>

export interface TokenEndpoint {
  readonly url: string
  /** With a secret, how it is sent: in the body, or (the default of the protocol) by HTTP Basic. */
  readonly takesSecretInBody: boolean
}

export interface CodeRedeemerOptions {
  /** Asked at every exchange, as it may be known only later. May reject with `AUTH_PROVIDER_UNAVAILABLE`. */
  readonly endpoint: () => Promise<TokenEndpoint>
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly clock: Clock
  readonly fetch: Fetch
}

/**
 * The token request of RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.5). Never sent twice: a code can be redeemed once.
 * Rejects with `ApplicationError`: `AUTH_GRANT_REJECTED`, `AUTH_PROVIDER_UNAVAILABLE`.
 */
export function createCodeRedeemer({ endpoint, clientId, clientSecret, clock, fetch }: CodeRedeemerOptions): RedeemCode {
  return async ({ code, codeVerifier, redirectUri }) => {
    const { url, takesSecretInBody } = await endpoint()
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
      client_id: clientId,
    })
    const headers: Record<string, string> = { accept: 'application/json' }
    if (clientSecret !== undefined && takesSecretInBody) form.set('client_secret', clientSecret)
    if (clientSecret !== undefined && !takesSecretInBody) headers.authorization = basic(clientId, clientSecret)
    // What went wrong on the way is dropped: nothing of the request may reach a log.
    const answer = await fetchJson(fetch, clock, url, { method: 'POST', headers, body: form }).catch(() => undefined)
    return idTokenIn(answer)
  }
}

function idTokenIn(answer: JsonAnswer | undefined): string {
  if (answer === undefined || answer.status >= 500 || answer.status === 429) throw providerUnavailable()
  const body = typeof answer.body === 'object' && answer.body !== null ? (answer.body as Record<string, unknown>) : {}
  if (answer.status === 200 && typeof body.id_token === 'string') return body.id_token
  if (answer.status === 200) throw rejected('The identity provider gave no ID token: ask for the scope "openid".')
  if (body.error === 'invalid_grant') {
    throw rejected('The identity provider refused the code: it is used, expired, or belongs to another verifier or redirect address.')
  }
  throw rejected('The identity provider refused the exchange: check OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and the redirect address.')
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}
