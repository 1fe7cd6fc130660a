import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '@holdfast/config/config'
import { createEmbeddedIdentityProvider, createRemoteIdentityProvider } from '@holdfast/identity/identity-provider.openid'
import { createFileKeySetStore } from '@holdfast/identity/key-set-store.file'
import type { KeySetState } from '@holdfast/identity/remote-provider'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { IdentityProvider } from '@holdfast/usecases/ports/identity-provider'
import type { Log } from '@holdfast/usecases/ports/log'

export interface Identity {
  readonly identityProvider: IdentityProvider
  /** What answers under `/iam`; `null` where the provider is elsewhere. */
  readonly handleIam: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** How well the keys of a provider elsewhere are known; `null` for the one inside, whose keys are at hand. */
  readonly keySetState: (() => KeySetState) | null
  close(): Promise<void>
}

const embeddedClientId = 'holdfast'

/** The identity provider that the configuration names, or the one for development, inside. `origin` is where this service listens. */
export async function openIdentity(
  config: Config,
  origin: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Identity> {
  if (config.identity.mode === 'openid') {
    const { issuer, clientId, clientSecret } = config.identity
    const store = createFileKeySetStore(config.dataDirectory)
    const remote = createRemoteIdentityProvider({ issuer, clientId, clientSecret: clientSecret ?? undefined, clock, log, store })
    return { identityProvider: remote, handleIam: null, keySetState: () => remote.keySetState(), close: () => remote.close() }
  }
  // Loaded only here: production neither needs nor has it.
  const { createIdentityProvider, mountPath } = await import('@holdfast/iam/provider')
  const issuer = `${config.publicUrl ?? origin}${mountPath}`
  const provider = await createIdentityProvider({ directory: config.dataDirectory, issuer, clientId: embeddedClientId, clock, log })
  const identityProvider = createEmbeddedIdentityProvider({
    keySet: provider.signingKeys,
    issuers: [issuer],
    clientId: embeddedClientId,
    tokenEndpoint: () => `${origin}${mountPath}/token`,
    clock,
  })
  return { identityProvider, handleIam: provider.handle, keySetState: null, close: () => provider.close() }
}
