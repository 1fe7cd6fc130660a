import type { Context, MiddlewareHandler } from 'hono'
import { isInNetworks, type AddressNetwork } from './address-networks.ts'
import type { EdgeEnv } from './edge-context.ts'
import { forwardedHops, xForwardedHops, type Hop, type Scheme } from './forwarded-hops.ts'
import { isLoopbackAddress, normalAddress } from './ip-address.ts'

/** Who asks, as far as the network tells. */
export interface ClientConnection {
  /** In its normal form; `null` where the connection is gone. It is personal data: never logged. */
  readonly address: string | null
  /** How the client reached us, or the outermost proxy that we trust. */
  readonly scheme: Scheme
  /** A program on this machine asks by itself. Whoever comes through a proxy is not local, wherever the proxy runs. */
  readonly isLocal: boolean
}

/** Addresses whose word on who came to them is believed. */
export type ProxyNetwork = AddressNetwork

const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/**
 * Finds the client behind the proxies that are trusted: from the peer backwards, the first address that is not a trusted proxy’s.
 * What others say is not read. A proxy that does not say who came to it, and one whose `Forwarded` contradicts its
 * `X-Forwarded-For` (one of them is then the client’s own), stands for its client.
 */
export function clientConnection(trusted: readonly ProxyNetwork[]): MiddlewareHandler<EdgeEnv> {
  const isProxy = isInNetworks(trusted)
  return async (context, next) => {
    context.set('client', clientOf(context, isProxy))
    await next()
  }
}

function clientOf(context: Context, isProxy: (address: string) => boolean): ClientConnection {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } }
  const peer = normalAddress(incoming?.socket?.remoteAddress ?? '')
  if (peer === null) return { address: null, scheme: 'http', isLocal: false }
  if (!isProxy(peer)) {
    const isForwarded = forwardingHeaders.some((name) => context.req.header(name) !== undefined)
    return { address: peer, scheme: 'http', isLocal: isLoopbackAddress(peer) && !isForwarded }
  }
  const header = (name: string) => context.req.header(name)
  const standard = header('forwarded')
  const usual = header('x-forwarded-for')
  const found = [
    ...(standard === undefined ? [] : [clientBehind(peer, forwardedHops(standard), isProxy)]),
    ...(usual === undefined ? [] : [clientBehind(peer, xForwardedHops(usual, header('x-forwarded-proto')), isProxy)]),
  ]
  const [first, second = first] = found
  const agreed = first?.address === second?.address ? first : undefined
  return { address: agreed?.address ?? peer, scheme: agreed?.scheme ?? 'http', isLocal: false }
}

function clientBehind(peer: string, hops: readonly Hop[], isProxy: (address: string) => boolean) {
  let address = peer
  let scheme: Scheme | undefined
  for (const hop of hops.toReversed()) {
    if (!isProxy(address)) break
    scheme = hop.scheme ?? scheme
    if (hop.address === null) break
    address = hop.address
  }
  return { address, scheme }
}
