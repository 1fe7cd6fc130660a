import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ApplicationError } from '@holdfast/domain/application-error'
import type { ErrorCode } from '@holdfast/domain/error-codes'
import { StartError } from '../start-error.ts'
import { limitConnections } from './connection-counts.ts'
import type { ConnectionLimitReached } from './connection-limit-log.ts'
import { refusalText, type Refusal } from './refusals.ts'

/** Limits of the server itself, before any of our code runs. Milliseconds, bytes, counts. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than the idle time of common load balancers (60 s), so that it is they who close. */
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
}
const maxConnections = 10_000
const maxConnectionsPerAddress = 1_000
const maxRequestsPerSocket = 10_000

export interface HttpServer {
  readonly port: number
  /** Takes no new connections, lets requests under way end, and closes what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

export interface HttpServerOptions {
  /** The answer to what is refused before it reaches the listener. */
  refuse(error: ApplicationError): Refusal
  /** Addresses that may hold any number of connections: proxies, which bring those of many, and this machine. */
  mayHoldMany(address: string): boolean
  /** Told of each connection that is refused because there are too many. */
  onConnectionLimit(limit: ConnectionLimitReached): void
  /** For tests. */
  readonly limits?: Partial<typeof limits>
  readonly maxConnections?: number
  readonly maxConnectionsPerAddress?: number
}

/** Listens. Rejects with `StartError` where the port is taken or the address is not this machine’s. */
export async function listen(host: string, port: number, listener: RequestListener, options: HttpServerOptions): Promise<HttpServer> {
  const serve: RequestListener = (request, response) => {
    if (request.headers.host !== undefined || request.httpVersion === '1.0') return listener(request, response)
    const { status, headers, body } = options.refuse(new ApplicationError('REQUEST_MALFORMED', { detail: 'There is no Host header.' }))
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' }).end(body)
  }
  // Node would refuse a missing Host with an empty answer.
  const server = createServer({ ...limits, ...options.limits, requireHostHeader: false }, serve)
  server.maxConnections = options.maxConnections ?? maxConnections
  // Node closes these without an answer.
  server.on('drop', () => options.onConnectionLimit('all connections'))
  server.maxRequestsPerSocket = maxRequestsPerSocket
  // Without it Node refuses what it does not expect itself; a server may ignore it (RFC 9110 §10.1.1).
  server.on('checkExpectation', serve)
  const refuse = (socket: Socket, code: ErrorCode): void =>
    void socket.end(refusalText(options.refuse(new ApplicationError(code, whatIsWrong[code] ?? {}))), () => socket.destroy())
  answerClientErrors(server, refuse)
  limitConnections(server, {
    maxConnections: options.maxConnectionsPerAddress ?? maxConnectionsPerAddress,
    isExempt: (address) => options.mayHoldMany(address),
    refuse: (socket) => {
      options.onConnectionLimit('connections of one address')
      refuse(socket, 'REQUEST_RATE_LIMITED')
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startError(error, host, port)))
    server.listen(port, host, () => resolve())
  })
  return { port: (server.address() as AddressInfo).port, stop: (graceMs) => stop(server, graceMs) }
}

/** What no title says. */
const whatIsWrong: Partial<Record<ErrorCode, { readonly detail: string }>> = {
  REQUEST_MALFORMED: { detail: 'This is no request of HTTP/1.1 (RFC 9112): its first line, a header, or the end of its body.' },
}

const codesOfClientErrors: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'REQUEST_HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'REQUEST_TOO_LARGE',
}

/** The newest request of a connection, and the answer before its own. */
interface Latest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly earlier: ServerResponse | undefined
}
const isUnfinished = (response: ServerResponse | undefined): boolean => response !== undefined && !response.writableFinished

/** What Node’s parser refuses gets a problem as well, but never where a client would take it for the answer to an earlier request. */
function answerClientErrors(server: Server, refuse: (socket: Socket, code: ErrorCode) => void): void {
  const connections = new WeakMap<Socket, Latest>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.set(request.socket, { request, response, earlier: connections.get(request.socket)?.response })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const code = codesOfClientErrors[error.code ?? ''] ?? 'REQUEST_MALFORMED'
    const latest = connections.get(socket)
    if (latest === undefined || !isUnfinished(latest.response)) return refuse(socket, code)
    // A whole request is being worked on, and what came after it is refused: it gets its answer, and then it ends.
    if (latest.request.complete) return void latest.response.once('finish', () => socket.destroySoon())
    if (latest.response.headersSent || isUnfinished(latest.earlier)) return void socket.destroy()
    refuse(socket, code)
  })
}

function startError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(`Port ${port} on ${host} is taken: stop what listens there, or set PORT to another one (0 takes any free one).`)
  if (error.code === 'EACCES') return new StartError(`Port ${port} needs rights that this user does not have: set PORT to 1024 or more.`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartError(`HOST ${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for every network.`)
  return error
}

const idleCheckMs = 100

async function stop(server: Server, graceMs: number): Promise<void> {
  const isClosed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that is kept alive after its last answer would hold up the close until its own timeout.
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const force = setTimeout(() => server.closeAllConnections(), graceMs)
  await isClosed
  clearInterval(idle)
  clearTimeout(force)
}
