import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

const maxBodyBytes = 4_096

/** The request's body as text. Throws a `Problem`: 415 for another content type, 413 beyond 4 KiB. */
export async function bodyOf(req: IncomingMessage, contentType: string): Promise<string> {
  const [given] = (req.headers['content-type'] ?? '').split(';')
  if (given?.trim().toLowerCase() !== contentType) throw new Problem(415, `Send the header "Content-Type: ${contentType}".`)
  const chunks: Buffer[] = []
  let byteLength = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    byteLength += chunk.byteLength
    if (byteLength > maxBodyBytes) throw new Problem(413, `The body may have ${maxBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
