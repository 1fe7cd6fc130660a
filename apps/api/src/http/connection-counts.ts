import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressBlock, normalAddress } from '@holdfast/edge/ip-address'

export interface ConnectionLimit {
  /** Of one address (of IPv6: a /64) at a time. */
  readonly maxConnections: number
  /** Addresses that bring the connections of many: proxies. */
  isExempt(address: string): boolean
  /** What is done with one too many; it must end. */
  refuse(socket: Socket): void
}

/** Refuses what an address opens beyond its limit, so that nobody alone can take all connections. */
export function limitConnections(server: Server, { maxConnections, isExempt, refuse }: ConnectionLimit): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = normalAddress(socket.remoteAddress ?? '')
    if (address === null || isExempt(address)) return
    const block = addressBlock(address)
    const count = (open.get(block) ?? 0) + 1
    open.set(block, count)
    socket.once('close', () => {
      const left = (open.get(block) ?? 1) - 1
      if (left > 0) open.set(block, left)
      else open.delete(block)
    })
    if (count > maxConnections) refuse(socket)
  })
}
