import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from 'hono'

/** A file for browsers, in memory, under a name that changes with its content. */
export interface BrowserAsset {
  /** Such as `scalar.1f0c9f0a5b2d7e44.js`. */
  readonly name: string
  readonly bytes: Buffer<ArrayBuffer>
  readonly gzipped: Buffer<ArrayBuffer>
}

const compress = promisify(gzip)

/** Reads a script; its name gets a part of its content’s SHA-256. Rejects as `readFile` does. */
export async function readBrowserAsset(stem: string, file: URL): Promise<BrowserAsset> {
  const bytes = await readFile(file)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { name: `${stem}.${hash}.js`, bytes, gzipped: Buffer.from(await compress(bytes)) }
}

/** Answers the script, to be kept for ever: another content has another name. */
export function sendBrowserAsset(context: Context, { bytes, gzipped }: BrowserAsset): Response {
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(context.req.header('accept-encoding') ?? '')
  return context.body(takesGzip ? gzipped : bytes, 200, {
    'Content-Type': 'text/javascript; charset=utf-8',
    'Cache-Control': 'public, max-age=31536000, immutable',
    Vary: 'Accept-Encoding',
    ...(takesGzip && { 'Content-Encoding': 'gzip' }),
  })
}
