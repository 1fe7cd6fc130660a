import { connect } from 'node:net'
import type { WireRequest } from '@holdfast/testkit/wire-spoils'

/** What came back over a connection of its own; `undefined` if it was closed without an answer. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** When the first byte came, on the clock of `performance.now()`. */
  readonly firstByteAt: number
}

const maxAnswerBytes = 4 * 1024 * 1024

/** Sends a request byte for byte and reads the answer to its end. Rejects if that takes longer than `timeoutMs`: a hang. */
export function rawExchange(origin: string, request: WireRequest, timeoutMs: number): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let firstByteAt = 0
    const socket = connect({ host: hostname, port: Number(port) })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end of an answer within ${timeoutMs} ms`))
    }, timeoutMs)
    socket.on('data', (chunk) => {
      firstByteAt ||= performance.now()
      chunks.push(chunk)
      size += chunk.length
      if (size > maxAnswerBytes) socket.destroy(new Error('The answer is endless.'))
    })
    // A server that has answered may reset what still comes.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      try {
        resolve(parsedAnswer(Buffer.concat(chunks), firstByteAt))
      } catch (error) {
        reject(error as Error)
      }
    })
    socket.write(bytesOf(request))
    if (request.framing === 'short') socket.end()
  })
}

function bytesOf({ method, target, headers, body, framing }: WireRequest): Buffer {
  const isChunked = framing === 'chunked' && body.length > 0
  const length = framing === 'short' ? body.length + 10 : body.length
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    ...(isChunked ? ['Transfer-Encoding: chunked'] : length === 0 ? [] : [`Content-Length: ${length}`]),
  ]
  const content = isChunked ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')] : [body]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...content])
}

/** The last answer on the connection: a `100 Continue` may stand before it. */
function parsedAnswer(bytes: Buffer, firstByteAt: number): RawAnswer | undefined {
  if (bytes.length === 0) return undefined
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`no whole answer: ${bytes.toString('latin1').slice(0, 200)}`)
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1])
  const rest = bytes.subarray(end + 4)
  if (status >= 100 && status < 200) return parsedAnswer(rest, firstByteAt)
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const body = headers.get('transfer-encoding') === 'chunked' ? unchunked(rest) : rest
  const announced = headers.get('content-length')
  if (announced !== null && body.length !== 0 && Number(announced) !== body.length)
    throw new Error(`${announced} bytes were announced, ${body.length} came`)
  return { status, headers, text: body.toString('utf8'), firstByteAt }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    if (length === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
  if (bytes.length === 0) return bytes
  throw new Error('The answer’s chunks have no end.')
}
