/** A place in a distributed trace (W3C Trace Context, level 1), in lower-case hexadecimal. */
export interface TraceContext {
  /** 32 digits, not all zero. */
  readonly traceId: string
  /** 16 digits, not all zero: this service’s own span. */
  readonly spanId: string
  readonly isSampled: boolean
}

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const zeros = /^0+$/

/** What a `traceparent` header says of the caller; `undefined` if there is none, or it is malformed. A newer version may be longer. */
export function readTraceparent(header: string | undefined): { readonly traceId: string; readonly isSampled: boolean } | undefined {
  const [, version, traceId, parentId, flags, rest] = shape.exec(header ?? '') ?? []
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) return undefined
  if (version === 'ff' || (version === '00' && rest !== undefined) || zeros.test(traceId) || zeros.test(parentId)) return undefined
  return { traceId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The header by which this service names its span to others. */
export const traceparentOf = ({ traceId, spanId, isSampled }: TraceContext): string => `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
