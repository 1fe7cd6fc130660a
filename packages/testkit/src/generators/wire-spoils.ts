import fc from 'fast-check'
import { hostileNames, hostileTexts, prototypeNames } from './hostile-values.ts'

/** A request as it goes over the wire, byte for byte. Header values and the target are Latin-1. */
export interface WireRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  /** How the end of the body is told; `short`: more is announced than is sent. */
  readonly framing: 'length' | 'chunked' | 'short'
}

/** One thing that makes a request worse, with a name for the report. */
export interface Spoil {
  readonly what: string
  readonly apply: (request: WireRequest) => WireRequest
}

const latin1 = (text: string): string => Buffer.from(text.toWellFormed(), 'utf8').toString('latin1')
/** What Node’s parser lets into a header’s value. */
const headerSafe = (text: string): string => latin1(text).replaceAll(/[\0\r\n]/g, '?')

const withHeader = (request: WireRequest, name: string, value: string): WireRequest => ({
  ...request,
  headers: [...request.headers, [name, headerSafe(value)]],
})
const withBody = (request: WireRequest, body: Uint8Array): WireRequest => ({ ...request, body })
const bodyText = ({ body }: WireRequest): string => Buffer.from(body).toString('utf8')
const withQuery = (request: WireRequest, query: string): WireRequest => ({
  ...request,
  target: request.target + (request.target.includes('?') ? '&' : '?') + query,
})
const onPath = ({ target }: WireRequest, change: (path: string) => string): string => {
  const [path = '', ...query] = target.split('?')
  return [change(path), ...query].join('?')
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'LINK', 'QUERY']
const method = fc
  .constantFrom(...methods)
  .map((name): Spoil => ({ what: `method ${name}`, apply: (request) => ({ ...request, method: name }) }))

const pathChanges: readonly (readonly [string, (path: string) => string])[] = [
  ['upper case', (path) => path.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())],
  ['a capital', (path) => path.replace(/\/([a-z])(?=[^/]*$)/, (_, letter: string) => `/${letter.toUpperCase()}`)],
  ['//', (path) => path.replace(/\/(?=[^/]*$)/, '//')],
  ['// at the start', (path) => `/${path}`],
  ['/ at the end', (path) => `${path}/`],
  ['..', (path) => `${path}/..`],
  ['.. encoded', (path) => `${path}/%2e%2e/`],
  ['../..', (path) => path.replace('/v1/', '/v1/../v1/')],
  ['an encoded slash', (path) => path.replace(/\/(?=[^/]*$)/, '%2F')],
  ['an encoded letter', (path) => path.replace(/[a-z](?=[^/]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
  ['encoded twice', (path) => path.replace(/\/(?=[^/]*$)/, '/%2561')],
  ['a broken encoding', (path) => `${path}%`],
  ['a broken UTF-8 encoding', (path) => `${path}%ff`],
  ['an overlong encoding', (path) => `${path}%C0%AF`],
  ['NUL', (path) => `${path}%00`],
  ['a backslash', (path) => path.replace(/\/(?=[^/]*$)/, '\\')],
  ['; parameters', (path) => `${path};a=b`],
  ['a fragment', (path) => `${path}#x`],
  ['bytes', (path) => `${path}\xff`],
  ['a long segment', (path) => path + 'x'.repeat(3_000)],
  ['many segments', (path) => path + '/x'.repeat(2_000)],
  ['one more', (path) => `${path}/export`],
  ['two calls', (path) => `${path},tasks.list`],
  ['twelve calls', (path) => path + ',tasks.list'.repeat(11)],
  ['an unknown member', (path) => `${path}.__proto__`],
  ['another area', (path) => path.replace(/\/[^/]*$/, '/constructor.prototype')],
  ['absolute form', (path) => `http://elsewhere.example${path}`],
  ['no slash', (path) => path.slice(1)],
  ['*', () => '*'],
]
const path = fc
  .constantFrom(...pathChanges)
  .map(([what, change]): Spoil => ({ what: `path: ${what}`, apply: (request) => ({ ...request, target: onPath(request, change) }) }))

const encoded = (text: string): string => {
  try {
    return encodeURIComponent(text)
  } catch {
    return '%ED%A0%80'
  }
}
const query = fc
  .oneof(
    fc
      .tuple(fc.oneof(fc.constantFrom(...prototypeNames), fc.constantFrom(...hostileNames)), fc.constantFrom(...hostileTexts))
      .map(([name, text]) => `${encoded(name)}=${encoded(text)}`),
    fc.constantFrom(
      'limit=1&limit=2',
      'limit=01',
      'limit=1e1',
      'limit=%2B1',
      'limit=',
      'limit',
      'status[]=todo',
      'status=todo&status=TODO',
      'status=todo,done',
      'sort=title&sort=-title',
      'cursor=x',
      'cursor=',
      `cursor=${'A'.repeat(500)}`,
      'cursor=v1.AAAA.BBBB',
      'text=%ff',
      'text=%',
      'text=%00',
      '%=1',
      '%zz',
      '__proto__[a]=1',
      '&&&',
      'batch=1',
      'batch=1&input=%7B%220%22%3A%7B%7D%7D',
      'batch=1&input=%7B%22__proto__%22%3A%7B%7D%7D',
      'input=null',
      'input=%7B',
      'input=%5B%5D',
      'input=1e400',
      `input=${'%5B'.repeat(2_000)}`,
      '?',
      '=',
      'a'.repeat(8_000),
      Array.from({ length: 500 }, (_, at) => `p${at}=1`).join('&'),
      Array.from({ length: 500 }, () => 'label=a').join('&'),
    ),
  )
  .map((text): Spoil => ({ what: `query ${text.slice(0, 60)}`, apply: (request) => withQuery(request, text) }))

const writeHeaderNames = ['Idempotency-Key', 'If-Match', 'If-None-Match', 'Prefer', 'Consistency-Token', 'Accept', 'Authorization']
const headerTexts = [
  '"',
  '""',
  '"a", "b"',
  '*',
  '*, "a"',
  'W/"a"',
  '"\\"',
  ',',
  ';;;',
  'wait=1e9',
  'wait=-1',
  'wait=30, wait=0, durability=committed',
  'durability=buffered',
  'respond-async; a="',
  'Bearer',
  'Bearer a b',
  'Basic YTpi',
  'text/html',
  '*/*;q=0',
  'application/json;q=2',
  'application/json;q=NaN',
  Array.from({ length: 1_500 }, () => '*/*').join(','),
  Array.from({ length: 1_500 }, (_, at) => `a.${at}`).join(','),
  '"'.repeat(6_000),
  'a='.repeat(3_000),
  ...hostileTexts.filter((text) => text.length < 600),
]
const header = fc
  .tuple(fc.constantFrom(...writeHeaderNames), fc.constantFrom(...headerTexts), fc.boolean())
  .map(([name, text, isTwice]): Spoil => ({
    what: `${name}: ${text.slice(0, 60)}${isTwice ? ' twice' : ''}`,
    apply: (request) => (isTwice ? withHeader(withHeader(request, name, text), name, text) : withHeader(request, name, text)),
  }))

const otherHeaders = fc
  .constantFrom<readonly [string, string]>(
    ['X-Request-Id', '\u202e'],
    ['X-Request-Id', 'x'.repeat(2_000)],
    ['traceparent', '00-00000000000000000000000000000000-0000000000000000-00'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['Forwarded', 'for="[::1'],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Host', 'evil.example'],
    ['Origin', 'https://evil.example'],
    ['Range', 'bytes=0-1'],
    ['Expect', '100-continue'],
    ['Expect', 'a miracle'],
    ['Content-Encoding', 'gzip'],
    ['Upgrade', 'websocket'],
    ['TE', 'trailers'],
    ['Cookie', 'a=b'],
    ['X-Large', 'x'.repeat(15_000)],
    ['X-Too-Large', 'x'.repeat(20_000)],
    ['__proto__', 'x'],
    ['constructor', 'x'],
  )
  .map(([name, value]): Spoil => ({ what: `${name}: ${value.slice(0, 40)}`, apply: (request) => withHeader(request, name, value) }))

const contentTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonx',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/json;;;',
  'Application/JSON',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/json, text/plain',
  'application/octet-stream',
  '',
  ';',
  'x'.repeat(1_000),
]
const contentType = fc.constantFrom(...contentTypes).map((value): Spoil => ({
  what: `Content-Type ${value.slice(0, 40)}`,
  apply: (request) => ({
    ...request,
    headers: [...request.headers.filter(([name]) => name.toLowerCase() !== 'content-type'), ['Content-Type', value]],
  }),
}))

const bodyChanges: readonly (readonly [string, (request: WireRequest) => Uint8Array])[] = [
  ['nothing', () => new Uint8Array()],
  ['space', () => Buffer.from(' \n')],
  ['cut', (request) => request.body.slice(0, Math.max(0, request.body.length - 2))],
  ['rubbish after it', (request) => Buffer.from(`${bodyText(request)}]`)],
  ['twice', (request) => Buffer.from(bodyText(request).repeat(2))],
  ['a byte order mark', (request) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), request.body])],
  ['UTF-16', (request) => Buffer.from(bodyText(request), 'utf16le')],
  [
    'broken UTF-8',
    (request) => Buffer.concat([Buffer.from(bodyText(request).replace(/"\}?$/, '')), Buffer.from([0xc3, 0x28, 0x22, 0x7d])]),
  ],
  ['broken UTF-8 in a string', () => Buffer.from([...Buffer.from('{"title":"a'), 0xff, 0xfe, ...Buffer.from('"}')])],
  ['an overlong NUL', () => Buffer.from([...Buffer.from('{"title":"a'), 0xc0, 0x80, ...Buffer.from('"}')])],
  ['a surrogate in UTF-8', () => Buffer.from([...Buffer.from('{"title":"a'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])],
  ['a control character', () => Buffer.from('{"title":"a\tb"}')],
  ['a key twice', (request) => Buffer.from(bodyText(request).replace('{', '{"title":"one","title":"two",'))],
  ['a key twice, once escaped', (request) => Buffer.from(bodyText(request).replace('{', '{"title":"one","t\\u0069tle":"two",'))],
  ['__proto__', (request) => Buffer.from(bodyText(request).replace('{', '{"__proto__":{"title":"x"},'))],
  ['a comment', () => Buffer.from('{"title":"x"/* */}')],
  ['a comma', () => Buffer.from('{"title":"x",}')],
  ['single quotes', () => Buffer.from("{'title':'x'}")],
  ['NaN', () => Buffer.from('{"title":NaN}')],
  ['null', () => Buffer.from('null')],
  ['a list', () => Buffer.from('[]')],
  ['a text', () => Buffer.from('"x"')],
  ['deep lists', () => Buffer.from('['.repeat(100_000))],
  ['deep objects', () => Buffer.from('{"a":'.repeat(40_000))],
  ['300 KB', () => Buffer.from(`{"title":"${'x'.repeat(300_000)}"}`)],
  ['a form', () => Buffer.from('title=x')],
]
const body = fc
  .constantFrom(...bodyChanges)
  .map(([what, change]): Spoil => ({ what: `body: ${what}`, apply: (request) => withBody(request, change(request)) }))

const chunked: Spoil = { what: 'in chunks', apply: (request) => ({ ...request, framing: 'chunked' }) }
const short: Spoil = {
  what: 'less than announced',
  apply: (request) => (request.body.length === 0 ? request : { ...request, framing: 'short' }),
}

/** One to three ways to make a request worse. */
export const spoils: fc.Arbitrary<readonly Spoil[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: method },
    { weight: 20, arbitrary: path },
    { weight: 16, arbitrary: query },
    { weight: 20, arbitrary: header },
    { weight: 8, arbitrary: otherHeaders },
    { weight: 8, arbitrary: contentType },
    { weight: 24, arbitrary: body },
    { weight: 4, arbitrary: fc.constant(chunked) },
    { weight: 1, arbitrary: fc.constant(short) },
  ),
  { minLength: 1, maxLength: 3 },
)
