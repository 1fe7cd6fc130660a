import { addressOfNode } from './ip-address.ts'

export type Scheme = 'http' | 'https'

/** One step of a request’s way here, as the proxy that it came to tells. */
export interface Hop {
  /** Who came to the proxy; `null` where it does not say, or cannot be read. */
  readonly address: string | null
  /** How; `undefined` where it does not say. */
  readonly scheme?: Scheme | undefined
}

const maxHeaderLength = 4_096
const unreadable: readonly Hop[] = [{ address: null }]

/** A pair of RFC 7239 §4, or nothing, and what ends it. Addresses with colons may lack their quotes. Each text has one reading. */
const pair = /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~:[\]-]*))[ \t]*)?(;|,|$)/y

/** The hops of a `Forwarded` header (RFC 7239), the first proxy’s first. One unreadable hop stands for a header that is malformed. */
export function forwardedHops(header: string): readonly Hop[] {
  if (header.length > maxHeaderLength) return unreadable
  const hops: Hop[] = []
  let pairs = new Map<string, string>()
  const endHop = () => {
    if (pairs.size > 0) hops.push({ address: addressOfNode(pairs.get('for') ?? ''), scheme: schemeOf(pairs.get('proto')) })
    pairs = new Map()
  }
  let end = 0
  while (end < header.length) {
    pair.lastIndex = end
    const [text, name, quoted, plain, separator] = pair.exec(header) ?? []
    if (text === undefined) return unreadable
    end += text.length
    if (name !== undefined) pairs.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
    if (separator !== ';') endHop()
  }
  endHop()
  return hops
}

/**
 * The hops of `X-Forwarded-For` and `X-Forwarded-Proto`, which nothing defines: a scheme for each address if there are as many,
 * else the last one for all.
 */
export function xForwardedHops(addresses: string, schemes = ''): readonly Hop[] {
  if (addresses.length > maxHeaderLength || schemes.length > maxHeaderLength) return unreadable
  const nodes = listOf(addresses)
  const protocols = listOf(schemes)
  return nodes.map((node, at) => ({
    address: addressOfNode(node),
    scheme: schemeOf(protocols.length === nodes.length ? protocols[at] : protocols.at(-1)),
  }))
}

const listOf = (header: string): readonly string[] =>
  header
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

function schemeOf(text: string | undefined): Scheme | undefined {
  const scheme = text?.toLowerCase()
  return scheme === 'http' || scheme === 'https' ? scheme : undefined
}
