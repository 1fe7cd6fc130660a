/** `application/json` of `Application/JSON; charset=utf-8`. */
export const mediaTypeOf = (header: string): string =>
  header === 'application/json' ? header : (header.split(';', 1)[0] ?? '').trim().toLowerCase()

const ranges = ['application/json', 'application/*', '*/*']

/**
 * Whether an `Accept` header leaves room for JSON (RFC 9110 §12.5.1): the most specific range that covers it has a weight
 * above zero. No header means anything.
 */
export function acceptsJson(header: string | null): boolean {
  if (header === null || header === '*/*' || header === 'application/json' || header.trim() === '') return true
  const weights = new Map<string, number>()
  for (const item of header.split(',')) {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    weights.set(range, weight === undefined ? 1 : Number(weight))
  }
  const decisive = ranges.find((range) => weights.has(range))
  return decisive !== undefined && (weights.get(decisive) ?? 0) > 0
}
