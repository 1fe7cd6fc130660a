import { createServer } from 'node:net'

// Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: there, a port whose
// server is down for a moment can be taken by anybody's connection, even by the one that tries to reach it.
const firstPort = 20_000
const lastPort = 32_767

/**
 * A TCP port of 127.0.0.1 that nobody listens on now. Another process may be faster: whoever binds it must be
 * ready to ask for another. Throws when 100 ports in a row were taken.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found between ${firstPort} and ${lastPort}: end what listens there`)
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
