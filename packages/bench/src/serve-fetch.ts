import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

/** Serves a fetch handler on any free port of this machine, as the service is served; resolves with the port. */
export async function serveFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<number> {
  const listener = getRequestListener(fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}
