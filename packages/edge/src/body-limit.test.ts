import { serve, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyLimit, readBytes } from './body-limit.ts'
import type { EdgeEnv } from './edge-context.ts'
import { onError } from './on-error.ts'
import { readJson } from './read-json.ts'
import { recordingLog } from './testing/recording-log.ts'

const maxBytes = 1000
const { log, lines } = recordingLog()
const app = new Hono<EdgeEnv>().use(bodyLimit(maxBytes))
app.onError(onError(log))
// As a foreign door would: without any of our readers.
app.all('/raw', async (c) => c.json({ length: (await c.req.raw.text()).length }))
app.all('/bytes', async (c) => c.json({ length: (await readBytes(c, maxBytes)).byteLength }))
app.all('/json', async (c) => c.json({ length: JSON.stringify((await readJson(c)) ?? null).length }))
app.all('/unread', (c) => c.json({ length: 0 }))

let server: ServerType
beforeAll(async () => {
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
})

/** Sends bytes as they are, and returns the status of the first answer. */
async function send(request: string, { end = false } = {}): Promise<number> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(request)
  if (end) socket.end()
  const answer = await text(socket)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}
const head = (path: string, ...headers: readonly string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', 'Connection: close', 'Content-Type: application/json', ...headers, '', ''].join('\r\n')
const json = (length: number) => `"${'x'.repeat(length - 2)}"`
const chunked = (body: string) =>
  (body.match(/.{1,100}/gs) ?? []).map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('') + '0\r\n\r\n'

const paths = ['/raw', '/bytes', '/json']

test.each(paths)('%s: a body at the limit is read, one byte more is not, announced or in chunks', async (path) => {
  for (const [length, status] of [
    [maxBytes, 200],
    [maxBytes + 1, 413],
  ] as const) {
    expect(await send(head(path, `Content-Length: ${length}`) + json(length))).toBe(status)
    expect(await send(head(path, 'Transfer-Encoding: chunked') + chunked(json(length)))).toBe(status)
  }
})

test.each([...paths, '/unread'])('%s: an announced large body is refused before it is sent', async (path) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(head(path, 'Content-Length: 1000000000'))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /)
  socket.destroy()
})

test.each(paths)('%s: chunks without end are refused as soon as they are too many', async (path) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(head(path, 'Transfer-Encoding: chunked') + `500\r\n${'x'.repeat(0x500)}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /)
  socket.destroy()
})

test.each(paths)('%s: a length that lies never gets more read than it says', async (path) => {
  // More than announced: the rest is another request, and no sound one.
  expect(await send(head(path, 'Content-Length: 2') + json(5000))).toBeLessThan(500)
  // Both ways at once, or a length that is none: the parser refuses.
  expect(await send(head(path, 'Content-Length: 2', 'Transfer-Encoding: chunked') + chunked(json(5000)))).toBe(400)
  expect(await send(head(path, 'Content-Length: -1') + json(5000))).toBe(400)
  expect(await send(head(path, 'Content-Length: 2', 'Content-Length: 5000') + json(5000))).toBe(400)
})

test('a body that ends early is nobody’s bug', async () => {
  lines.length = 0
  for (const path of ['/bytes', '/json']) {
    await send(head(path, 'Content-Length: 500') + 'x', { end: true })
    await send(head(path, 'Transfer-Encoding: chunked') + '10\r\nx', { end: true })
  }
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('no body, with and without a length', async () => {
  for (const path of ['/bytes', '/json', '/unread']) {
    expect(await send(head(path))).toBe(200)
    expect(await send(head(path, 'Content-Length: 0'))).toBe(200)
    expect(await send(head(path, 'Transfer-Encoding: chunked') + '0\r\n\r\n')).toBe(200)
  }
})

test('without a server: what is announced is not believed', async () => {
  const ask = (headers: Record<string, string>, length: number, path = '/bytes') =>
    app.request(path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: json(length) })
  expect((await ask({}, maxBytes)).status).toBe(200)
  expect((await ask({}, maxBytes + 1)).status).toBe(413)
  expect((await ask({ 'Content-Length': '2' }, maxBytes + 1)).status).toBe(413)
  expect((await ask({ 'Content-Length': '2', 'Transfer-Encoding': 'chunked' }, maxBytes + 1, '/raw')).status).toBe(413)
  expect((await ask({ 'Content-Length': 'nonsense' }, maxBytes + 1)).status).toBe(413)
})
