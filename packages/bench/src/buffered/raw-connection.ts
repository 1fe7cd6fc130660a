import { connect } from 'node:net'

/** A connection that sends one request again and again: as little work as can be, since it shares the machine with what it measures. */
export interface RawConnection {
  /** Sends the request; resolves with the three digits of the status once the whole answer is there. One at a time. */
  send(): Promise<string>
  close(): void
}

const maxReadBytes = 16 * 1024
const endOfHead = '\r\n\r\n'

/** Opens a connection to a port of this machine. Answers must have a `Content-Length`, their head arrive at once. */
export async function openRawConnection(port: number, request: string): Promise<RawConnection> {
  const bytes = Buffer.from(request)
  const opened = Promise.withResolvers<void>()
  let answered = Promise.withResolvers<string>()
  let status = ''
  let missing = 0
  const take = (count: number, read: Uint8Array): boolean => {
    if (missing > 0) missing -= count
    else {
      const text = Buffer.from(read.buffer, read.byteOffset, count).toString('latin1')
      status = text.slice(9, 12)
      missing = bytesOfAnswer(text) - count
    }
    if (missing === 0) answered.resolve(status)
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: new Uint8Array(maxReadBytes), callback: take } })
  socket.once('connect', () => opened.resolve())
  socket.once('error', (error) => {
    opened.reject(error)
    answered.reject(error)
  })
  socket.once('close', () => answered.reject(new Error('The service closed a connection.')))
  // Nobody may be waiting when it is closed.
  answered.promise.catch(() => undefined)
  await opened.promise
  return {
    send() {
      answered = Promise.withResolvers<string>()
      socket.write(bytes)
      return answered.promise
    },
    close: () => void socket.destroy(),
  }
}

/** Head and body of an answer, by its beginning. Throws where that cannot be told. */
export function bytesOfAnswer(text: string): number {
  const headBytes = text.indexOf(endOfHead) + endOfHead.length
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, headBytes))?.[1]
  if (headBytes < endOfHead.length || length === undefined) throw new Error(`An answer without its length: ${text.slice(0, 200)}`)
  return headBytes + Number(length)
}
