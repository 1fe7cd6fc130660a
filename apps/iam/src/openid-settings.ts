import type { Adapter, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { accountOf, isSubject } from './accounts.ts'
import { escapeHtml, htmlPage } from './html-page.ts'
import { isLoopbackUrl } from './local-request.ts'
import { signingAlgorithm, type ProviderSecrets } from './signing-keys.ts'

const minute = 60
const day = 24 * 60 * minute

export interface OpenIdSettings {
  /** The path under which clients reach the provider, such as `/iam`. */
  readonly issuerPath: string
  readonly clientId: string
  readonly redirectUris: readonly string[]
  readonly secrets: ProviderSecrets
  readonly adapter: (model: string) => Adapter
}

/** What oidc-provider is told: the authorization code flow with PKCE for one public client, and nothing else. Lifetimes in seconds. */
export function openIdConfiguration({ issuerPath, clientId, redirectUris, secrets, adapter }: OpenIdSettings): Configuration {
  return {
    adapter,
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        // Loopback addresses of any port and path are allowed beside these (provider.ts); one must stand here.
        redirect_uris: ['http://127.0.0.1/callback', ...redirectUris],
        id_token_signed_response_alg: signingAlgorithm,
        require_auth_time: true,
      },
    ],
    jwks: { keys: [secrets.signingKey] } as NonNullable<Configuration['jwks']>,
    // What else is served on this host does not see them.
    cookies: { keys: [secrets.cookieKey], long: { httpOnly: true, sameSite: 'lax', path: issuerPath } },
    clientAuthMethods: ['none'],
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: [signingAlgorithm], userinfoSigningAlgValues: [signingAlgorithm] },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: true },
    },
    interactions: { url: (_ctx, interaction) => `${issuerPath}/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 10 * minute,
      AuthorizationCode: minute,
      Grant: day,
      IdToken: 10 * minute,
      Interaction: 30 * minute,
      Session: day,
    },
    clientBasedCORS: (_ctx, origin) => isLoopbackUrl(origin),
    findAccount: (_ctx, subject) => {
      if (!isSubject(subject)) return undefined
      const { name, email } = accountOf(subject)
      return { accountId: subject, claims: () => ({ sub: subject, name, email, email_verified: false }) }
    },
    loadExistingGrant: grantEverything,
    renderError(ctx, out) {
      const lines = [out.error, out.error_description ?? ''].map((line) => `<p>${escapeHtml(line)}</p>`)
      ctx.type = 'html'
      ctx.body = htmlPage('The login cannot go on', lines.join(''))
    },
  }
}

/** Consent without asking: there is one application here, and it is one's own. */
async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { provider, client, session } = oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grantId = session.grantIdFor(client.clientId)
  const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (existing !== undefined) return existing
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid profile email')
  await grant.save()
  return grant
}
