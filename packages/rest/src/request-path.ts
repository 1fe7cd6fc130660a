import { ApplicationError } from '@holdfast/domain/application-error'
import type { Context } from 'hono'
import type { PathParameter } from './path-template.ts'

/** The segments of a request’s path below the prefix, as they were sent: still percent-encoded. */
export type Segments = readonly string[]

/**
 * The segments of a request’s path after the first `skipped`, at most `limit` of them. Hono’s path has lost what it could
 * decode of an encoded one, but not the percent sign of what it could not: without one, it says the same.
 */
export function segmentsOf({ req }: Context, skipped: number, limit: number): Segments {
  const path = req.path.includes('%') ? encodedPathOf(req.url) : req.path
  let start = 1
  for (let passed = 0; passed < skipped; passed += 1) start = path.indexOf('/', start) + 1
  return path.slice(start).split('/', limit)
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
