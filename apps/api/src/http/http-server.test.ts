import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { closeUnread } from './close-unread.ts'
import { onError } from '@holdfast/edge/on-error'
import { readJson } from '@holdfast/edge/read-json'
import type { EdgeEnv } from '@holdfast/edge/edge-context'
import { createTestClock } from '@holdfast/testkit/clock'
import { createTestLog } from '@holdfast/testkit/log'
import { Hono } from 'hono'
import { afterEach, expect, test } from 'vitest'
import { listen, type HttpServer, type HttpServerOptions } from './http-server.ts'
import { createRefusals } from './refusals.ts'
import { requestListener } from './request-listener.ts'

const log = createTestLog()
const refuse = createRefusals({ clock: createTestClock(), log, publicUrl: 'https://example.org/holdfast' })
const quick = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 }
const open: { server: HttpServer; sockets: Socket[] }[] = []

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await server.stop(0)
  }
})

async function startServer(options: Partial<HttpServerOptions> = {}) {
  const app = new Hono<EdgeEnv>()
  app.use(closeUnread)
  app.onError(onError(log))
  app.get('/', (c) => c.text('well'))
  app.post('/', async (c) => c.json({ read: await readJson(c) }))
  const serve = requestListener(app.fetch, refuse)
  const server = await listen('127.0.0.1', 0, (request, response) => void serve(request, response), {
    refuse,
    mayHoldMany: () => true,
    onConnectionLimit: () => {},
    limits: quick,
    ...options,
  })
  const sockets: Socket[] = []
  open.push({ server, sockets })
  const dial = async (): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8')
    sockets.push(socket)
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  return { dial }
}

/** All that the server says on a connection until it ends it. */
const heardOn = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (chunk: string) => (text += chunk))
  await once(socket, 'close')
  return text
}

async function exchange(dial: () => Promise<Socket>, request: string): Promise<string> {
  const socket = await dial()
  const heard = heardOn(socket)
  socket.write(request)
  return heard
}

function expectProblem(answer: string, status: number, code: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} \\S`))
  expect(head.toLowerCase()).toContain('content-type: application/problem+json')
  expect(head.toLowerCase()).toContain('connection: close')
  expect(JSON.parse(body)).toMatchObject({ status, code, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

test.each<[string, string, number, string]>([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['a nonsense Host', 'GET / HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['a target that is no path', 'GET *x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400, 'REQUEST_MALFORMED'],
  ['a length and chunks', `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'REQUEST_MALFORMED'],
  ['a broken chunk', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, 'REQUEST_MALFORMED'],
  ['a long head', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'REQUEST_HEADERS_TOO_LARGE'],
  ['a long path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'REQUEST_HEADERS_TOO_LARGE'],
])('what never reaches the app is a problem too: %s', async (_, request, status, code) => {
  const { dial } = await startServer()
  const answer = await exchange(dial, request)
  expectProblem(answer, status, code)
  expect(answer).toContain(`"type":"https://example.org/holdfast/errors/${code}"`)
})

test('a foreign expectation is ignored', async () => {
  const { dial } = await startServer()
  expect(await exchange(dial, get.replace('Host', 'Expect: miracles\r\nHost'))).toMatch(/^HTTP\/1.1 200 /)
})

test('slow headers and a slow body are 408, and a head that trickles in is no way around', async () => {
  const { dial } = await startServer()
  const trickle = async () => {
    const socket = await dial()
    const heard = heardOn(socket)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
    const drip = setInterval(() => socket.writable && socket.write('X: y\r\n'), 30)
    return heard.finally(() => clearInterval(drip))
  }
  const startedAt = performance.now()
  const [head, trickled, body, chunks] = await Promise.all([
    exchange(dial, 'GET / HTTP/1.1\r\nHost: a\r\n'),
    trickle(),
    exchange(dial, `${post}Content-Length: 5\r\n\r\n{`),
    exchange(dial, `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`),
  ])
  for (const answer of [head, trickled, body, chunks]) expectProblem(answer, 408, 'REQUEST_TIMEOUT')
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test('a body that ends before its announced end is refused', async () => {
  const { dial } = await startServer()
  const socket = await dial()
  const heard = heardOn(socket)
  socket.end(`${post}Content-Length: 50\r\n\r\n{"a":1}`)
  expectProblem(await heard, 400, 'REQUEST_MALFORMED')
})

test('what follows a whole request never takes the place of its answer', async () => {
  const { dial } = await startServer()
  const answer = await exchange(dial, `${post}Content-Length: 2\r\n\r\n{}{"a":1}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
  expect(answer).not.toContain('REQUEST_MALFORMED')
})

test('a thousand idle connections do not keep others out, and are ended', async () => {
  const { dial } = await startServer({ limits: { ...quick, headersTimeout: 400 } })
  const idle = await Promise.all(Array.from({ length: 1_000 }, dial))
  const ended = Promise.all(idle.map(heardOn))
  const startedAt = performance.now()
  expect(await exchange(dial, get)).toMatch(/^HTTP\/1.1 200 OK/)
  expect(performance.now() - startedAt).toBeLessThan(500)
  expect((await ended).every((text) => text === '' || text.startsWith('HTTP/1.1 408'))).toBe(true)
})

test('an address has so many connections at a time and no more, but proxies have', async () => {
  const reached: string[] = []
  const onConnectionLimit = (limit: string): void => void reached.push(limit)
  const { dial } = await startServer({ mayHoldMany: () => false, maxConnectionsPerAddress: 2, limits: {}, onConnectionLimit })
  const held = await Promise.all([dial(), dial()])
  expect(reached).toEqual([])
  expectProblem(await heardOn(await dial()), 429, 'REQUEST_RATE_LIMITED')
  expect(reached).toEqual(['connections of one address'])
  for (const socket of held) socket.destroy()
  await wait(50)
  await dial()
  expect(await exchange(dial, get)).toMatch(/^HTTP\/1.1 200 OK/)

  const exempt = await startServer({ mayHoldMany: (address) => address === '127.0.0.1', maxConnectionsPerAddress: 2 })
  await Promise.all([exempt.dial(), exempt.dial(), exempt.dial()])
  expect(await exchange(exempt.dial, get)).toMatch(/^HTTP\/1.1 200 OK/)
})

test('the server has so many connections at a time and no more, and tells of the others', async () => {
  const reached: string[] = []
  const { dial } = await startServer({ maxConnections: 1, limits: {}, onConnectionLimit: (limit) => void reached.push(limit) })
  await dial()
  expect(await heardOn(await dial())).toBe('')
  expect(reached).toEqual(['all connections'])
})
