import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { fetchJson } from './bounded-fetch.ts'
import { adjustableClock } from './testing/adjustable-clock.ts'

let server: Server
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('an answer that drips is given up after two seconds, and its connection is closed', async () => {
  const clock = adjustableClock()
  const state = { isAsked: false, isClosed: false }
  const url = await serve((request, response) => {
    state.isAsked = true
    request.socket.once('close', () => (state.isClosed = true))
    const drip = setInterval(() => response.write(' '), 5)
    response.on('close', () => clearInterval(drip))
  })
  const outcome = expect(fetchJson(fetch, clock, url)).rejects.toThrow('no whole answer in 2000 ms')
  await expect.poll(() => state.isAsked).toBe(true)
  clock.advance(2_000)
  await outcome
  await expect.poll(() => state.isClosed).toBe(true)
})

test('an endless answer is given up at 256 KiB', async () => {
  const url = await serve((_, response) => {
    const pour = () => {
      while (response.write('x'.repeat(65_536)) && !response.destroyed);
    }
    response.on('drain', pour)
    pour()
  })
  await expect(fetchJson(fetch, adjustableClock(), url)).rejects.toThrow('more than 262144 bytes')
})

test('a redirect is not followed, and nobody there is said by its code', async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end())
  await expect(fetchJson(fetch, adjustableClock(), url)).rejects.toThrow(/could not be asked/)
  await expect(fetchJson(fetch, adjustableClock(), 'http://127.0.0.1:1/')).rejects.toThrow(
    /could not be asked \((?:ECONNREFUSED|no connection)/,
  )
})
