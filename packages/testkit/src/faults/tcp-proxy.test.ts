import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../servers/wait-until.ts'
import { startFaultProxy } from './tcp-proxy.ts'
import type { FaultProxy } from './tcp-proxy.ts'

let target: Server
let received = ''
let reachedTarget = 0
const atTarget = new Set<Socket>()
let proxy: FaultProxy
const clients: Client[] = []

interface Client {
  socket: Socket
  text: () => string
  /** `open`, `fin`, or the error's code. */
  state: () => string
}

beforeEach(async () => {
  received = ''
  reachedTarget = 0
  target = createServer((socket) => {
    reachedTarget++
    atTarget.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => atTarget.delete(socket))
    socket.on('data', (bytes) => {
      received += bytes
      socket.write(`<${bytes}>`)
    })
  }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  proxy = await startFaultProxy((target.address() as AddressInfo).port)
})

afterEach(async () => {
  await proxy.stop()
  for (const { socket } of clients.splice(0)) socket.destroy()
  for (const socket of atTarget) socket.destroy()
  target.close()
})

function dial(): Client {
  let text = ''
  let state = 'open'
  const socket = connect(proxy.port, '127.0.0.1')
  socket.setEncoding('utf8').on('data', (more: string) => (text += more))
  socket.on('end', () => (state = 'fin'))
  socket.on('error', (error: NodeJS.ErrnoException) => (state = error.code ?? 'error'))
  const client = { socket, text: () => text, state: () => state }
  clients.push(client)
  return client
}

const soon = (what: () => unknown, expected: unknown) =>
  waitUntil(() => (what() === expected ? true : undefined), {
    timeoutMs: 2_000,
    everyMs: 2,
    problem: () => `expected ${expected}, got ${what()}`,
  })

async function dialAndTalk(): Promise<Client> {
  const client = dial()
  client.socket.write('hello')
  await soon(client.text, '<hello>')
  return client
}

test('pass: bytes and the end of them go both ways, and connections are counted', async () => {
  const client = await dialAndTalk()
  expect([proxy.connectionsAccepted, proxy.connectionsOpen]).toEqual([1, 1])
  client.socket.end('bye')
  await soon(client.state, 'fin')
  expect(client.text()).toBe('<hello><bye>')
  await soon(() => proxy.connectionsOpen, 0)
  expect(proxy.connectionsAccepted).toBe(1)
})

test('pass: ten megabytes arrive whole, though the reader is slow', async () => {
  const client = dial()
  client.socket.pause()
  const sent = 10 * 1024 * 1024
  client.socket.write(Buffer.alloc(sent, 'x'))
  await sleep(50)
  client.socket.resume()
  await waitUntil(() => received.length === sent || undefined, { timeoutMs: 5_000, problem: () => `${received.length} arrived` })
})

test('refuse: the port is closed, and live connections go on until they are closed', async () => {
  const live = await dialAndTalk()
  await proxy.mode('refuse')
  const refused = dial()
  await soon(refused.state, 'ECONNREFUSED')
  live.socket.write('still')
  await soon(live.text, '<hello><still>')
  proxy.closeConnections()
  await soon(live.state, 'ECONNRESET')
  await soon(() => atTarget.size, 0)
  await proxy.mode('pass')
  await dialAndTalk()
  expect(proxy.connectionsAccepted).toBe(2)
})

test('cut off: live connections are reset and the port is closed, until another mode is set', async () => {
  const live = await dialAndTalk()
  await proxy.cutOff()
  await soon(live.state, 'ECONNRESET')
  await soon(dial().state, 'ECONNREFUSED')
  await proxy.mode('pass')
  await dialAndTalk()
})

test('reset: a connection is reset at once', async () => {
  await proxy.mode('reset')
  const client = dial()
  client.socket.write('hello')
  await soon(client.state, 'ECONNRESET')
  expect([received, proxy.connectionsAccepted]).toEqual(['', 1])
})

test('fin: a connection is closed politely, even if it sends', async () => {
  await proxy.mode('fin')
  const client = dial()
  client.socket.write('hello')
  await soon(client.state, 'fin')
  await soon(() => client.socket.destroyed, true)
  expect(client.state()).toBe('fin')
  expect([received, reachedTarget]).toEqual(['', 0])
})

test('hole: nothing flows, and what was sent arrives when it ends', async () => {
  const live = await dialAndTalk()
  await proxy.mode('hole')
  live.socket.write('one')
  const late = dial()
  late.socket.write('two')
  await sleep(80)
  expect([received, live.text(), late.text(), late.state(), reachedTarget]).toEqual(['hello', '<hello>', '', 'open', 1])
  await proxy.mode('pass')
  await soon(live.text, '<hello><one>')
  await soon(late.text, '<two>')
})

test('hole: a sender is held back, not buffered without end', async () => {
  const live = await dialAndTalk()
  await proxy.mode('hole')
  live.socket.write(Buffer.alloc(32 * 1024 * 1024))
  await sleep(100)
  expect(live.socket.writableLength).toBeGreaterThan(16 * 1024 * 1024)
})

test('hole: the client does not learn that the server is gone', async () => {
  const live = await dialAndTalk()
  await proxy.mode('hole')
  for (const socket of atTarget) socket.resetAndDestroy()
  await sleep(80)
  expect(live.state()).toBe('open')
  await proxy.mode('pass')
  await soon(live.state, 'ECONNRESET')
})

test('hole-replies: requests arrive, answers and ends do not, and the connection is of no use after', async () => {
  const [live, quiet] = [await dialAndTalk(), await dialAndTalk()]
  await proxy.mode('hole-replies')
  live.socket.write('one')
  await soon(() => received, 'hellohelloone')
  await sleep(50)
  expect([live.text(), live.state()]).toEqual(['<hello>', 'open'])
  for (const socket of atTarget) socket.destroy()
  await sleep(50)
  expect([live.state(), quiet.state()]).toEqual(['open', 'open'])
  await proxy.mode('pass')
  await soon(live.state, 'ECONNRESET')
  await soon(quiet.state, 'ECONNRESET')
})

test('hole-replies: a connection that lost nothing goes on', async () => {
  const live = await dialAndTalk()
  await proxy.mode('hole-replies')
  await proxy.mode('pass')
  live.socket.write('one')
  await soon(live.text, '<hello><one>')
})

test('delay: everything arrives in order, that much later each way', async () => {
  const live = await dialAndTalk()
  await proxy.mode({ delayMs: 60 })
  const start = performance.now()
  for (const word of ['a', 'b', 'c']) {
    live.socket.write(word)
    await sleep(5)
  }
  await waitUntil(() => live.text().includes('c') || undefined, { timeoutMs: 2_000, everyMs: 2, problem: () => live.text() })
  const tookMs = performance.now() - start
  expect(live.text().replaceAll(/[<>]/g, '')).toBe('helloabc')
  expect(tookMs).toBeGreaterThanOrEqual(125)
  // Three waits one after the other would take 360.
  expect(tookMs).toBeLessThan(300)
})

test('delay: one direction alone', async () => {
  const live = await dialAndTalk()
  await proxy.mode({ delayMs: 80, direction: 'answers' })
  const start = performance.now()
  live.socket.write('x')
  await soon(() => received, 'hellox')
  expect(performance.now() - start).toBeLessThan(60)
  await soon(live.text, '<hello><x>')
  expect(performance.now() - start).toBeGreaterThanOrEqual(79)
})

test('delay: a request arrives though its client has given up', async () => {
  const live = await dialAndTalk()
  await proxy.mode({ delayMs: 80, direction: 'requests' })
  live.socket.write('late')
  await sleep(20)
  live.socket.resetAndDestroy()
  await soon(() => received, 'hellolate')
  await soon(() => proxy.connectionsOpen, 0)
})

test('cut: exactly so many bytes of answers arrive, then the end', async () => {
  const live = await dialAndTalk()
  await proxy.mode({ cutAfterBytes: 3 })
  live.socket.write('abcdef')
  await soon(live.state, 'fin')
  expect(live.text()).toBe('<hello><ab')
  await soon(() => proxy.connectionsOpen, 0)
  await soon(() => atTarget.size, 0)
})

test('cut: of requests, and at nothing', async () => {
  const live = await dialAndTalk()
  await proxy.mode({ cutAfterBytes: 2, direction: 'requests' })
  live.socket.write('abcdef')
  await soon(() => received, 'helloab')
  await soon(() => live.socket.destroyed, true)
  await proxy.mode({ cutAfterBytes: 0 })
  const none = dial()
  await soon(none.state, 'fin')
  expect(none.text()).toBe('')
})

test('cut: the count is of each connection, and a later mode does not bring a cut one back', async () => {
  await proxy.mode({ cutAfterBytes: 7 })
  const [first, second] = [await dialAndTalk(), await dialAndTalk()]
  await proxy.mode('pass')
  await soon(first.state, 'fin')
  await soon(second.state, 'fin')
})

test('through: the same URL at the proxy', () => {
  expect(proxy.through('postgres://me:pw@127.0.0.1:5432/x?sslmode=disable')).toBe(
    `postgres://me:pw@127.0.0.1:${proxy.port}/x?sslmode=disable`,
  )
  expect(proxy.through('redis://localhost')).toBe(`redis://127.0.0.1:${proxy.port}`)
})

test('a target that is not there resets its client', async () => {
  target.close()
  const client = dial()
  await soon(client.state, 'ECONNRESET')
})

test('stop: the port is closed and nobody is left', async () => {
  const live = await dialAndTalk()
  await proxy.stop()
  await soon(live.state, 'ECONNRESET')
  await soon(dial().state, 'ECONNREFUSED')
})
