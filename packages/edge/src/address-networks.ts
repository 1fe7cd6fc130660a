import { BlockList, isIPv6 } from 'node:net'

/** All addresses that share their first bits with `address`. */
export interface AddressNetwork {
  readonly address: string
  readonly prefixLength: number
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Makes the question whether an address is in one of these networks. */
export function isInNetworks(networks: readonly AddressNetwork[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, prefixLength } of networks) list.addSubnet(address, prefixLength, familyOf(address))
  return (address) => list.check(address, familyOf(address))
}
