import { connect as connectPlain } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'

export type RedisReply = string | number | null | Error | RedisReply[]

/** One connection for administration, one command at a time; the tests bring their own clients. */
export interface RedisConnection {
  command(...words: string[]): Promise<RedisReply>
  close(): void
}

/**
 * Connects to `redis[s]://[user:password@]host[:port][/database]`. Connecting and each command take at most
 * `timeoutMs`. Throws when refused, and on an error reply.
 */
export async function connectRedis(url: string, { timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<RedisConnection> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }
  const socket = protocol === 'rediss:' ? connectSecure({ ...address, servername: address.host }) : connectPlain(address)
  const command = commandsOver(socket, timeoutMs)
  const connection: RedisConnection = { command, close: () => socket.destroy() }
  try {
    if (password !== '') await command('AUTH', ...(username === '' ? [] : [decodeURIComponent(username)]), decodeURIComponent(password))
    if (pathname.length > 1) await command('SELECT', pathname.slice(1))
    await command('PING')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function commandsOver(socket: Socket, timeoutMs: number): RedisConnection['command'] {
  let received = ''
  let waiting: { resolve: (reply: RedisReply) => void; reject: (error: Error) => void } | undefined
  let failure: Error | undefined
  // Latin-1 keeps one character a byte, so that lengths count right.
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    try {
      const parsed = parseReply(received, 0)
      if (parsed === undefined) return
      received = received.slice(parsed.end)
      waiting?.resolve(parsed.reply)
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  const fail = (error: Error) => {
    failure ??= error
    waiting?.reject(failure)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the Redis server closed the connection')))

  return async (...words) => {
    if (failure !== undefined) throw failure
    const { promise, resolve, reject } = Promise.withResolvers<RedisReply>()
    waiting = { resolve, reject }
    const timer = setTimeout(() => socket.destroy(new Error(`no answer from Redis to ${words[0]} in ${timeoutMs} ms`)), timeoutMs)
    try {
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`)
      const reply = await promise
      if (reply instanceof Error) throw reply
      return reply
    } finally {
      clearTimeout(timer)
      waiting = undefined
    }
  }
}

/** Reads one RESP2 reply at `start`; undefined if it is not complete. */
function parseReply(text: string, start: number): { reply: RedisReply; end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const line = text.slice(start + 1, lineEnd)
  const next = lineEnd + 2
  switch (text[start]) {
    case '+':
      return { reply: line, end: next }
    case '-':
      return { reply: new Error(`Redis says: ${line}`), end: next }
    case ':':
      return { reply: Number(line), end: next }
    case '$': {
      const end = next + Number(line) + 2
      if (Number(line) === -1) return { reply: null, end: next }
      return text.length < end ? undefined : { reply: Buffer.from(text.slice(next, end - 2), 'latin1').toString(), end }
    }
    case '*':
      return parseArray(text, next, Number(line))
    default:
      throw new Error(`not a Redis reply: ${text.slice(start, start + 40)}`)
  }
}

function parseArray(text: string, start: number, length: number): { reply: RedisReply; end: number } | undefined {
  const items: RedisReply[] = []
  let end = start
  for (let index = 0; index < length; index++) {
    const item = parseReply(text, end)
    if (item === undefined) return undefined
    items.push(item.reply)
    end = item.end
  }
  return { reply: items, end }
}
