import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { freePort } from '../servers/free-port.ts'
import type { FaultMode } from './fault-mode.ts'
import { carryConnection, closePolitely } from './proxied-connection.ts'
import type { ProxiedConnection } from './proxied-connection.ts'

export interface FaultProxy {
  /** On 127.0.0.1, the same for the proxy's whole life. */
  readonly port: number
  /** How many connections it has accepted so far, those that it reset or closed at once included. */
  readonly connectionsAccepted: number
  /** How many it carries now. */
  readonly connectionsOpen: number
  /** Changes what it does; resolves when that holds. */
  mode(mode: FaultMode): Promise<void>
  /** Resets every live connection, on both sides. */
  closeConnections(): void
  /** As a server that has gone away: resets every live connection, and refuses new ones until another mode is set. */
  cutOff(): Promise<void>
  /** The same URL, its host and port those of the proxy. */
  through(url: string): string
  stop(): Promise<void>
}

/**
 * Stands between a client and a server at `targetPort` of `targetHost` and misbehaves as told. It begins with `pass`.
 */
export async function startFaultProxy(targetPort: number, targetHost = '127.0.0.1'): Promise<FaultProxy> {
  const connections = new Set<ProxiedConnection>()
  let current: FaultMode = 'pass'
  let connectionsAccepted = 0
  let listener: Server | undefined

  const connectTarget = () => connect({ port: targetPort, host: targetHost, allowHalfOpen: true, noDelay: true })
  const accept = (client: Socket) => {
    connectionsAccepted++
    client.on('error', () => {})
    if (current === 'reset' || current === 'refuse') return client.resetAndDestroy()
    const forget = () => connections.delete(connection)
    const connection = current === 'fin' ? closePolitely(client, forget) : carryConnection(client, connectTarget, current, forget)
    connections.add(connection)
    return undefined
  }
  const port = await listenSomewhere(accept, (server) => (listener = server))
  const mode = async (wanted: FaultMode): Promise<void> => {
    current = wanted
    if (wanted === 'refuse') {
      listener?.close()
      listener = undefined
    } else listener ??= await listen(port, accept)
    if (wanted === 'refuse' || wanted === 'reset' || wanted === 'fin') return
    for (const connection of connections) connection.apply(wanted)
  }
  const closeConnections = (): void => {
    for (const connection of connections) connection.reset()
  }

  return {
    port,
    get connectionsAccepted() {
      return connectionsAccepted
    },
    get connectionsOpen() {
      return connections.size
    },
    mode,
    closeConnections,
    async cutOff() {
      await mode('refuse')
      closeConnections()
    },
    through(url) {
      const proxied = new URL(url)
      proxied.host = `127.0.0.1:${port}`
      return proxied.href
    },
    async stop() {
      listener?.close()
      listener = undefined
      closeConnections()
    },
  }
}

async function listenSomewhere(accept: (client: Socket) => unknown, keep: (server: Server) => void): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      keep(await listen(port, accept))
      return port
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function listen(port: number, accept: (client: Socket) => unknown): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, accept)
  server.once('error', reject)
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  return promise
}
