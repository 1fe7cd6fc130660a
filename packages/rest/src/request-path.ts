import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context } from 'hono'
import type { PathParameter } from './path-template.ts'

/** The segments of a request’s path below the prefix, as they were sent: still percent-encoded. */
export type Segments = readonly string[]

/**
 * The segments of a request’s path below a prefix such as `/api/v1`, at most `limit` of them. Hono’s path has lost what it could
 * decode of an encoded one, but not the percent sign of what it could not: without one, it says the same.
 */
export function segmentsOf({ req }: Context, prefix: string, limit: number): Segments {
  const isEncoded = req.path.includes('%')
  const path = isEncoded ? encodedPathOf(req.url) : req.path
  const segments: string[] = []
  let start = isEncoded ? startBelow(path, prefix) : prefix.length + 1
  for (let end = 0; end !== -1 && segments.length < limit; start = end + 1) {
    end = path.indexOf('/', start)
    segments.push(path.slice(start, end === -1 ? undefined : end))
  }
  return segments
}

/** Where an encoded path goes on below a prefix, which may be encoded too: after as many slashes. */
function startBelow(path: string, prefix: string): number {
  let start = 1
  for (let passed = prefix.split('/').length - 1; passed > 0; passed -= 1) start = path.indexOf('/', start) + 1
  return start
}

/** The path of a URL as it was sent. */
function encodedPathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const length = url.slice(start).search(/[?#]/)
  return length === -1 ? url.slice(start) : url.slice(start, start + length)
}

/** What a segment says, percent-decoded once; `undefined` if that cannot be. */
export function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** The value of a path parameter. Throws `REQUEST_MALFORMED` if it cannot be decoded. */
export function readPathParameter({ name, at }: PathParameter, segments: Segments): string {
  const value = decodeSegment(segments[at] ?? '')
  if (value !== undefined) return value
  const faults = [{ parameter: name, detail: 'is not valid percent-encoded UTF-8' }]
  throw new ApplicationError('REQUEST_MALFORMED', { detail: 'The path holds a malformed percent-encoding.', faults })
}
