import { ApplicationError, type InputFault } from '@holdfast/domain/application-error'

export interface JsonLimits {
  /** Of objects and arrays within each other. */
  readonly maxDepth: number
  /** Keys and array elements in all. */
  readonly maxElements: number
}

export const jsonLimits: JsonLimits = Object.freeze({ maxDepth: 32, maxElements: 10_000 })

interface Scan {
  readonly text: string
  readonly limits: JsonLimits
  readonly path: (string | number)[]
  at: number
  elements: number
}

// oxlint-disable-next-line no-control-regex -- they are what JSON keeps out of strings
const plainText = /[^"\\\u0000-\u001f]*/y
const escape = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const maxSafeNumberLength = 15

/**
 * Judges a JSON text in one pass, before it is parsed. Throws `ApplicationError`: `REQUEST_MALFORMED` with the position where
 * it is no JSON; `REQUEST_INVALID` with the pointer where it is JSON that parsers disagree on or that cannot be kept: a key
 * twice, `__proto__`, NUL or half a surrogate pair in a string, a number beyond the range, too deep, too many elements.
 */
export function checkJson(text: string, limits: JsonLimits = jsonLimits): void {
  const scan: Scan = { text, limits, path: [], at: 0, elements: 0 }
  scanValue(scan)
  if (skipSpace(scan) < 0x1_0000) throw broken(scan, 'nothing should follow the value')
}

const endOfText = 0x1_0000

/** The code of the next character that is not white space, which stays unread; `endOfText` if there is none. */
function skipSpace(scan: Scan): number {
  for (;;) {
    const code = scan.at < scan.text.length ? scan.text.charCodeAt(scan.at) : endOfText
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
    scan.at += 1
  }
}

function scanValue(scan: Scan): void {
  const code = skipSpace(scan)
  if (code === 0x22) scanString(scan)
  else if (code === 0x7b) scanObject(scan)
  else if (code === 0x5b) scanArray(scan)
  else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) scanNumber(scan)
  else scanWord(scan)
}

function scanObject(scan: Scan): void {
  if (isEmpty(scan, '}')) return
  const depth = enter(scan)
  const keys = new Set<string>()
  do {
    if (skipSpace(scan) !== 0x22) throw broken(scan, 'a key in double quotes should stand here')
    // A key that is refused has no place of its own: the object that holds it is named.
    scan.path.length = depth
    const key = scanString(scan)
    scan.path[depth] = key
    count(scan)
    if (keys.has(key)) throw invalid(scan, 'is given twice: give it once')
    if (key === '__proto__') throw invalid(scan, 'is not known here: leave it out')
    keys.add(key)
    if (skipSpace(scan) !== 0x3a) throw broken(scan, 'a colon should stand here')
    scan.at += 1
    scanValue(scan)
  } while (hasMore(scan, '}'))
  scan.path.length = depth
}

function scanArray(scan: Scan): void {
  if (isEmpty(scan, ']')) return
  const depth = enter(scan)
  let index = 0
  do {
    scan.path[depth] = index
    index += 1
    count(scan)
    scanValue(scan)
  } while (hasMore(scan, ']'))
  scan.path.length = depth
}

function isEmpty(scan: Scan, end: '}' | ']'): boolean {
  if (scan.path.length >= scan.limits.maxDepth) throw invalid(scan, `is nested deeper than ${scan.limits.maxDepth} levels`)
  scan.at += 1
  if (skipSpace(scan) !== end.charCodeAt(0)) return false
  scan.at += 1
  return true
}

function enter(scan: Scan): number {
  scan.path.push('')
  return scan.path.length - 1
}

function hasMore(scan: Scan, end: '}' | ']'): boolean {
  const code = skipSpace(scan)
  if (code !== 0x2c && code !== end.charCodeAt(0)) throw broken(scan, `a comma or ${end} should stand here`)
  scan.at += 1
  return code === 0x2c
}

function count(scan: Scan): void {
  scan.elements += 1
  const { maxElements } = scan.limits
  if (scan.elements > maxElements) throw invalid(scan, `is beyond the limit of ${maxElements} keys and elements in a body`)
}

/** Moves behind the string and returns its value. */
function scanString(scan: Scan): string {
  const { text } = scan
  const start = scan.at
  scan.at += 1
  let hasEscape = false
  for (;;) {
    plainText.lastIndex = scan.at
    plainText.exec(text)
    scan.at = plainText.lastIndex
    const code = text.charCodeAt(scan.at)
    if (code === 0x22) break
    escape.lastIndex = scan.at
    if (code !== 0x5c || !escape.test(text)) throw broken(scan, whyNoString(scan))
    hasEscape = true
    scan.at = escape.lastIndex
  }
  scan.at += 1
  // Only an escape can bring in what UTF-8 and the rule on control characters keep out.
  return hasEscape ? unescaped(scan, text.slice(start, scan.at)) : text.slice(start + 1, scan.at - 1)
}

function whyNoString({ text, at }: Scan): string {
  if (at >= text.length) return 'a string has no end'
  return text[at] === '\\' ? 'this escape does not exist' : 'a control character must be escaped'
}

function unescaped(scan: Scan, quoted: string): string {
  const value = JSON.parse(quoted) as string
  if (value.includes('\0')) throw invalid(scan, 'holds the character U+0000, which cannot be kept')
  if (!value.isWellFormed()) throw invalid(scan, 'holds half a surrogate pair, which is no character')
  return value
}

function scanNumber(scan: Scan): void {
  number.lastIndex = scan.at
  const found = number.exec(scan.text)?.[0]
  if (found === undefined) throw broken(scan, 'this is no number')
  if (found.length > maxSafeNumberLength || found.includes('e') || found.includes('E')) {
    if (!Number.isFinite(Number(found))) throw invalid(scan, 'is a number beyond the range of doubles')
  }
  scan.at += found.length
}

function scanWord(scan: Scan): void {
  const word = ['true', 'false', 'null'].find((literal) => scan.text.startsWith(literal, scan.at))
  if (word === undefined) throw broken(scan, scan.at < scan.text.length ? 'a value should stand here' : 'the text ends here')
  scan.at += word.length
}

function broken({ text, at }: Scan, why: string): ApplicationError {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  return new ApplicationError('REQUEST_MALFORMED', {
    detail: `The body is not JSON at position ${at} (line ${line}, column ${column}): ${why}.`,
  })
}

const maxKeyLength = 64
const maxPointerLength = 500

function invalid({ path }: Scan, detail: string): ApplicationError {
  const steps = path.map((step) => String(step).slice(0, maxKeyLength).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))
  const pointer = steps
    .map((step) => `/${step}`)
    .join('')
    .slice(0, maxPointerLength)
  const faults: readonly InputFault[] = [{ pointer, detail }]
  return new ApplicationError('REQUEST_INVALID', { detail: `${pointer === '' ? 'The body' : pointer} ${detail}.`, faults })
}
