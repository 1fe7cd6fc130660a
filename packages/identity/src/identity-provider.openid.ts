import type { Clock } from '@holdfast/usecases/ports/clock'
import type { IdentityProvider } from '@holdfast/usecases/ports/identity-provider'
import type { KeySetStore } from '@holdfast/usecases/ports/key-set-store'
import type { Log } from '@holdfast/usecases/ports/log'
import type { JSONWebKeySet } from 'jose'
import type { Fetch } from './bounded-fetch.ts'
import { createCodeRedeemer, type RedeemCode } from './code-redeemer.ts'
import { identityOf, type IdTokenExpectations } from './id-token.ts'
import { fixedKeys } from './provider-keys.ts'
import { createRemoteProvider, type KeySetState } from './remote-provider.ts'

/** The issuer of subjects of the embedded provider, whatever address it is served under: a change of port keeps every user. */
export const embeddedIssuer = 'urn:holdfast:embedded'

export interface EmbeddedProviderOptions {
  /** The provider's public keys, handed over in this process. */
  readonly keySet: JSONWebKeySet
  /** The addresses that its tokens may name as their issuer. */
  readonly issuers: readonly string[]
  readonly clientId: string
  /** Where this process itself reaches the provider's token endpoint. */
  readonly tokenEndpoint: () => string
  readonly clock: Clock
  readonly fetch?: Fetch
}

/** The identity provider inside this process. ID tokens are checked without any network; codes are redeemed over loopback. */
export function createEmbeddedIdentityProvider(options: EmbeddedProviderOptions): IdentityProvider {
  const { keySet, clock, fetch = globalThis.fetch } = options
  const endpoint = async () => ({ url: options.tokenEndpoint(), takesSecretInBody: false })
  const redeem = createCodeRedeemer({ endpoint, clientId: options.clientId, clock, fetch })
  const provider = exchanging(redeem, { ...options, keys: fixedKeys(keySet) })
  return { exchange: async (grant) => ({ ...(await provider.exchange(grant)), issuer: embeddedIssuer }) }
}

export interface RemoteProviderOptions {
  /** `OIDC_ISSUER`, to the letter as the provider's discovery document has it. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly clock: Clock
  readonly log: Log
  /** Where its last good keys are kept. */
  readonly store: KeySetStore
  readonly fetch?: Fetch
}

export interface RemoteIdentityProvider extends IdentityProvider {
  /** How well the provider’s keys are known: nobody is asked. */
  keySetState(): KeySetState
  /** Ends the reloads in the background. */
  close(): Promise<void>
}

/** An identity provider found by its discovery document. It may be down: its keys are loaded in the background, and kept. */
export function createRemoteIdentityProvider(options: RemoteProviderOptions): RemoteIdentityProvider {
  const { issuer, clientId, clientSecret, clock, log, store, fetch = globalThis.fetch } = options
  const remote = createRemoteProvider(issuer, { clock, log, fetch, store })
  const endpoint = async () => {
    const { tokenEndpoint, takesSecretInBody } = await remote.record()
    return { url: tokenEndpoint, takesSecretInBody }
  }
  const redeem = createCodeRedeemer({ endpoint, clientId, clientSecret, clock, fetch })
  return {
    ...exchanging(redeem, { keys: remote, issuers: [issuer], clientId, clock }),
    keySetState: () => remote.state(),
    close: () => remote.close(),
  }
}

/** Both grants end in an ID token, and both are checked alike: a token endpoint is not believed for its connection alone. */
function exchanging(redeem: RedeemCode, expected: IdTokenExpectations): IdentityProvider {
  return {
    async exchange(grant) {
      return identityOf(grant.type === 'id_token' ? grant.idToken : await redeem(grant), expected)
    },
  }
}
