import { isIPv4, isIPv6 } from 'node:net'

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/
const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/
const dotted = /^(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?$/

/** One text for each address: IPv4 in IPv6 as IPv4, IPv6 shortest and in lower case, without a zone. `null` where it is none. */
export function normalAddress(text: string): string | null {
  if (isIPv4(text)) return text
  const [bare = ''] = text.split('%')
  if (!isIPv6(bare)) return null
  const shortest = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(shortest) ?? []
  if (high === undefined || low === undefined) return shortest
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}

/** The address of a `node` (RFC 7239 §6) with or without its port; `null` for `unknown`, a name that hides it, and nonsense. */
export function addressOfNode(node: string): string | null {
  const text = bracketed.exec(node)?.[1] ?? dotted.exec(node)?.[1] ?? node
  return text.includes('%') ? null : normalAddress(text)
}

/** Whether only this machine has the address, which is in its normal form. */
export const isLoopbackAddress = (address: string): boolean => address === '::1' || address.startsWith('127.')

const groupsOf = (text: string): readonly string[] => text.split(':').filter((group) => group !== '')

/** What is limited as one: an IPv4 address, and of IPv6 the /64, which one household has; the address is in its normal form. */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('::')
  const gap = right === undefined ? 0 : 8 - groupsOf(left).length - groupsOf(right).length
  const groups = [...groupsOf(left), ...Array.from({ length: gap }, () => '0'), ...groupsOf(right ?? '')]
  return `${groups.slice(0, 4).join(':')}::/64`
}
