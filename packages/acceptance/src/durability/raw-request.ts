import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** When its first byte arrived, on the clock of `performance.now()`. */
  readonly firstByteAt: number
}

interface RawPost {
  readonly path: string
  readonly accessToken: string
  readonly idempotencyKey: string
  readonly body: object
}

const timeoutMs = 10_000

/** Sends a POST over a connection of its own and watches for the first byte of the answer. */
export async function sendRaw(origin: string, { path, accessToken, idempotencyKey, body }: RawPost): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const content = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${accessToken}`,
    `Idempotency-Key: ${idempotencyKey}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(content)}`,
    'Connection: close',
  ]
  const socket = connect({ host: hostname, port: Number(port), timeout: timeoutMs })
  socket.on('timeout', () => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)))
  // Not ended: a client that has gone away needs no answer.
  socket.write(`${head.join('\r\n')}\r\n\r\n${content}`)
  let firstByteAt = 0
  let text = ''
  for await (const chunk of socket) {
    firstByteAt ||= performance.now()
    text += String(chunk)
  }
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), firstByteAt }
}
