import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { Log } from '@holdfast/usecases/ports/log'
import { importJWK, SignJWT, type JSONWebKeySet } from 'jose'
import { Provider } from 'oidc-provider'
import { answerDevelopmentToken } from './development-tokens.ts'
import { isLoopbackUrl } from './local-request.ts'
import { answerLogin } from './login-page.ts'
import { createMemoryAdapter } from './memory-adapter.ts'
import { openIdConfiguration } from './openid-settings.ts'
import { Problem, sendProblem } from './problem.ts'
import { loadOrMakeSecrets, publicKeyOf, signingAlgorithm, type ProviderSecrets } from './signing-keys.ts'

export interface IdentityProviderOptions {
  /** The data directory: the provider's own files are in `<directory>/iam`. */
  readonly directory: string
  /** The address under which clients reach it; its path ends in `/iam`. What stands before that is the base path of a proxy. */
  readonly issuer: string
  readonly clientId: string
  /** Allowed beside every loopback `http` address. */
  readonly redirectUris?: readonly string[]
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

export interface DevelopmentIdentityProvider {
  /** Answers everything under `/iam`, with the base path of the issuer before it or without; never rejects or throws. */
  handle(req: IncomingMessage, res: ServerResponse): void
  /** The public keys that check its ID tokens. */
  readonly signingKeys: JSONWebKeySet
  /** An ID token of ten minutes for a subject who logs in now. */
  issueIdToken(subject: string): Promise<string>
  /** Answers 503 from now on. */
  close(): Promise<void>
}

export const mountPath = '/iam'

const idTokenLifetimeSeconds = 600
const interactionPath = /^\/interaction\/[\w-]+$/

/** The identity provider for development and the embedded mode: anybody may be anyone, so never for production. */
export async function createIdentityProvider(options: IdentityProviderOptions): Promise<DevelopmentIdentityProvider> {
  const { directory, issuer, clientId, redirectUris = [], clock, log } = options
  const issuerPath = new URL(issuer).pathname
  if (!issuerPath.endsWith(mountPath)) throw new Error(`The issuer's path must end in ${mountPath}: ${issuer}`)
  const secrets = await loadOrMakeSecrets(directory)
  const provider = createProvider(issuer, { clientId, redirectUris, secrets, now: () => clock.now() })
  provider.on('server_error', (_ctx, error) => log.error('the identity provider failed', error))
  // Koa prints errors itself where nobody listens.
  ;(provider as EventEmitter).on('error', (error) => log.error('the identity provider failed', error))
  const openId = provider.callback()
  const privateKey = await importJWK(secrets.signingKey, signingAlgorithm)
  let isClosed = false

  async function issueIdToken(subject: string): Promise<string> {
    const nowSeconds = Math.floor(clock.now() / 1000)
    return new SignJWT({ auth_time: nowSeconds })
      .setProtectedHeader({ alg: signingAlgorithm, typ: 'JWT', kid: secrets.signingKey.kid ?? '' })
      .setIssuer(issuer)
      .setAudience(clientId)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + idTokenLifetimeSeconds)
      .sign(privateKey)
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (isClosed) throw new Problem(503, 'The identity provider is stopping.')
    // A proxy may have dropped its base path, or not.
    const mount = [issuerPath, mountPath].find((prefix) => req.url?.startsWith(`${prefix}/`))
    if (mount === undefined) throw new Problem(404, `There is nothing here; see ${issuer}/.well-known/openid-configuration.`)
    const url = req.url?.slice(mount.length) ?? '/'
    const [path = ''] = url.split('?')
    // As Express does when it mounts: oidc-provider puts `baseUrl` before its own paths.
    Object.assign(req, { url, baseUrl: issuerPath })
    if (path === '/dev/tokens') return answerDevelopmentToken(req, res, issueIdToken)
    if (interactionPath.test(path)) return answerLogin(req, res, provider)
    return openId(req, res)
  }

  return {
    handle(req, res) {
      answer(req, res).catch((error: unknown) => {
        if (!(error instanceof Problem)) log.error('the identity provider failed', error)
        if (res.headersSent) res.destroy()
        else sendProblem(res, error instanceof Problem ? error : new Problem(500, 'Something went wrong on our side.'))
      })
    },
    signingKeys: { keys: [publicKeyOf(secrets.signingKey)] },
    issueIdToken,
    async close() {
      isClosed = true
    },
  }
}

interface ProviderSettings {
  readonly clientId: string
  readonly redirectUris: readonly string[]
  readonly secrets: ProviderSecrets
  readonly now: () => number
}

function createProvider(issuer: string, { now, ...settings }: ProviderSettings): Provider {
  const { host, protocol, pathname } = new URL(issuer)
  const provider = new Provider(issuer, openIdConfiguration({ ...settings, issuerPath: pathname, adapter: createMemoryAdapter(now) }))
  // oidc-provider builds its addresses from the request; here they follow from the issuer, whatever the Host header says.
  Object.defineProperties(provider.request, {
    host: { get: () => host },
    protocol: { get: () => protocol.slice(0, -1) },
  })
  // The registered list cannot hold "any port on this machine": RFC 8252 §7.3 allows it for native applications only.
  provider.Client.prototype.redirectUriAllowed = function isAllowed(uri: string) {
    return isLoopbackUrl(uri) || (this.redirectUris ?? []).includes(uri)
  }
  return provider
}
