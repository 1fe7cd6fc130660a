import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { PostgresTls } from './postgres-tls.ts'

export interface SocketTarget {
  host: string
  port: number
  /** A Unix socket instead of host and port. */
  path?: string | undefined
  tls?: PostgresTls | undefined
}

/** The first message to a server that is to encrypt; it answers `S` or `N`. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Opens the socket on which Postgres's greeting can be sent, encrypted if the target says so. `signal` ends the attempt.
 *
 * postgres.js can encrypt by itself, but then keeps the encrypted socket out of reach: cutting the one below it makes it write
 * into a closed socket, an error that nobody listens to and that ends the process.
 *
 * @throws what the socket said, or an error with the code `TLS_REFUSED` or `CONNECTION_CLOSED`
 */
export async function openPostgresSocket({ host, port, path, tls }: SocketTarget, signal: AbortSignal): Promise<Socket> {
  const plain = connect(path === undefined ? { host, port, noDelay: true } : { path })
  await until(plain, 'connect', signal)
  if (tls === undefined || path !== undefined) return plain

  const answered = until(plain, 'data', signal)
  plain.write(tlsRequest)
  const answer = await answered
  // More than one byte would be an attacker's, to be read as if it had come encrypted (CVE-2021-23222).
  if (!Buffer.isBuffer(answer) || answer.length !== 1) throw fail(plain, 'TLS_REFUSED', 'the server gave no proper answer about TLS')
  if (answer[0] !== 0x53) {
    if (tls.isRequired) throw fail(plain, 'TLS_REFUSED', 'the server does not offer TLS')
    return plain
  }
  const encrypted = connectTls({ ...tls.options, socket: plain, host, ...(isIP(host) === 0 ? { servername: host } : {}) })
  await until(encrypted, 'secureConnect', signal)
  return encrypted
}

/** The first `event` of a socket; its end, its error and the signal reject, and destroy it. */
function until(socket: Socket, event: 'connect' | 'data' | 'secureConnect', signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const happened = (value: unknown) => settle(() => resolve(value))
    const failed = (error: unknown) => settle(() => (socket.destroy(), reject(error)))
    const closed = () => failed(coded('CONNECTION_CLOSED', 'the server closed the connection'))
    const aborted = () => failed(coded('CONNECT_TIMEOUT', 'the attempt was ended'))
    function settle(then: () => void) {
      socket.off(event, happened).off('error', failed).off('close', closed).off('end', closed)
      // From here to the next listener nobody else hears of an error; the `close` that follows it is what counts.
      socket.on('error', () => {})
      signal.removeEventListener('abort', aborted)
      then()
    }
    socket.on(event, happened).on('error', failed).on('close', closed).on('end', closed)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}

function fail(socket: Socket, code: string, message: string): Error {
  socket.destroy()
  return coded(code, message)
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
