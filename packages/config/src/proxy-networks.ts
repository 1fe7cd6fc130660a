import { isIPv4, isIPv6 } from 'node:net'

/** Addresses whose word on who came to them is believed: all that share the first bits with `address`. */
export interface ProxyNetwork {
  readonly address: string
  /** 1 to 32 for IPv4, 1 to 128 for IPv6. */
  readonly prefixLength: number
}

const maxNetworks = 100
const loopback: readonly ProxyNetwork[] = [
  { address: '127.0.0.0', prefixLength: 8 },
  { address: '::1', prefixLength: 128 },
]

/** A comma-separated list of addresses, networks (`10.0.0.0/8`) and the word `loopback`; or what is wrong with it. */
export function parseProxyNetworks(text: string): readonly ProxyNetwork[] | { readonly problem: string } {
  const items = text.split(',').map((item) => item.trim())
  if (items.length > maxNetworks) return { problem: `names ${items.length} networks, over the limit of ${maxNetworks}: name larger ones.` }
  const networks: ProxyNetwork[] = []
  for (const item of items) {
    const parsed = item === 'loopback' ? loopback : networkOf(item)
    if ('problem' in parsed) return parsed
    networks.push(...parsed)
  }
  return networks
}

function networkOf(item: string): readonly [ProxyNetwork] | { readonly problem: string } {
  const [address = '', prefix, ...rest] = item.split('/')
  const bitLength = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : undefined
  if (bitLength === undefined || rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix)))
    return { problem: `must be addresses, networks such as 10.0.0.0/8, or loopback, with commas between them: "${item}" is none.` }
  if (bitLength === 128 && shortest(address).startsWith('::ffff:')) return { problem: `names IPv4 in IPv6: write ${item} as IPv4.` }
  const prefixLength = Number(prefix ?? bitLength)
  if (prefixLength > bitLength) return { problem: `has a network with more than ${bitLength} bits: ${item}.` }
  if (prefixLength === 0) return { problem: `must not name everybody (${item}): anybody could then say to be anybody.` }
  const hostBits = (1n << BigInt(bitLength - prefixLength)) - 1n
  if ((bitsOf(address) & hostBits) !== 0n)
    return { problem: `has a network with bits beyond its prefix: ${item}. Name the address alone, or set them to 0.` }
  return [{ address, prefixLength }]
}

const shortest = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

function bitsOf(address: string): bigint {
  if (isIPv4(address)) return join(address.split('.'), 8n, 10)
  const [left = '', right] = shortest(address).split('::')
  const groups = (text = ''): readonly string[] => text.split(':').filter((group) => group !== '')
  const gap = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0')
  return join([...groups(left), ...gap, ...groups(right)], 16n, 16)
}

const join = (parts: readonly string[], width: bigint, radix: number): bigint =>
  parts.reduce((bits, part) => (bits << width) | BigInt(Number.parseInt(part, radix)), 0n)
