import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

interface ReverseProxyOptions {
  readonly basePath: string
  /** Whether it drops the base path before it asks. */
  readonly isStripping: boolean
  /** The port on this machine that answers a path, the base path dropped; asked for each request. */
  portOf(path: string): number
}

export interface ReverseProxy {
  readonly origin: string
  close(): void
}

/** A proxy of a few lines, which says who came to it as most do. What is not under its base path is 404, who does not answer 502. */
export async function startReverseProxy({ basePath, isStripping, portOf }: ReverseProxyOptions): Promise<ReverseProxy> {
  const server = createServer((incoming, answer) => {
    const url = incoming.url ?? '/'
    if (!url.startsWith(`${basePath}/`)) return answer.writeHead(404).end('not under the base path')
    const path = url.slice(basePath.length)
    const outgoing = request({
      port: portOf(path),
      method: incoming.method,
      path: isStripping ? path : url,
      headers: {
        ...incoming.headers,
        'x-forwarded-for': [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress].filter(Boolean).join(', '),
        'x-forwarded-proto': 'http',
      },
    })
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.writeHead(502).end())
    return incoming.pipe(outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
