import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Lets through only what a program on this machine asks of this machine. The `Host` stops a foreign name that was made to point
 * here (DNS rebinding), the `Origin` a page of another site, the forwarding headers a proxy whose client may be anywhere.
 * Throws a `Problem` of status 403.
 */
export function assertLocal({ socket, headers }: IncomingMessage): void {
  if (!isLoopbackAddress(socket.remoteAddress ?? '')) throw new Problem(403, 'Only this machine itself may ask for this.')
  if (forwardingHeaders.some((name) => headers[name] !== undefined)) throw new Problem(403, 'This is not answered through a proxy.')
  if (!isLoopbackName(hostnameOf(headers.host ?? ''))) throw new Problem(403, 'The Host header must be localhost or a loopback address.')
  if (isForeign(headers)) throw new Problem(403, 'The Origin header is of another site.')
}

/** Whether a peer's address is this machine's own (IPv4, IPv6, or IPv4 in IPv6). */
const isLoopbackAddress = (address: string): boolean => address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)

/** Whether a host name, without port, can only mean this machine. */
const isLoopbackName = (name: string): boolean => name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)

/** Whether the text is an `http` address of this machine, on any port. */
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.protocol === 'http:' && isLoopbackName(url.hostname) && url.username === '' && url.password === ''
}

function hostnameOf(host: string): string {
  const url = /[/?#@\\]/.test(host) ? null : URL.parse(`http://${host}`)
  return url?.hostname ?? ''
}

function isForeign({ origin, host }: IncomingHttpHeaders): boolean {
  return origin !== undefined && origin !== `http://${host}`
}
