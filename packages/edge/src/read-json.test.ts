import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { EdgeEnv } from './edge-context.ts'
import { readMediaType } from './media-type.ts'
import { onError } from './on-error.ts'
import { readJson } from './read-json.ts'
import { recordingLog } from './testing/recording-log.ts'

const app = new Hono<EdgeEnv>().post('/', async (c) => {
  const body = await readJson(c)
  return c.json({ body: body === undefined ? 'none' : body, keys: Object.keys(body ?? {}) })
})
app.onError(onError(recordingLog().log))

async function post(
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string> = { 'Content-Type': 'application/json' },
) {
  const response = await app.request('/', { method: 'POST', body, headers, ...({ duplex: 'half' } as object) })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))))

test('JSON is parsed; no body is no body', async () => {
  expect(await post('{"a":"é","constructor":1}')).toMatchObject({ status: 200, answer: { body: { a: 'é' }, keys: ['a', 'constructor'] } })
  expect(await post(null, {})).toMatchObject({ status: 200, answer: { body: 'none' } })
})

test.each([
  ['application/json', 200],
  ['Application/JSON', 200],
  ['application/json;charset=UTF-8', 200],
  ['application/json ; charset="utf-8"', 200],
  ['application/json; profile=x; charset=utf-8', 200],
  ['application/merge-patch+json', 200],
  ['application/jsonfoo', 415],
  ['application/json-patch+json', 415],
  ['text/json', 415],
  ['application/json; charset=latin1', 415],
  ['application/json; charset=utf-16', 415],
  ['application/json; charset=utf-8; charset=utf-16', 415],
  ['application/json, text/plain', 415],
  ['application/json charset=utf-8', 415],
  ['application/x-www-form-urlencoded', 415],
  ['json', 415],
])('content type %s: %i', async (type, status) => {
  const { status: answered, answer } = await post('{}', { 'Content-Type': type })
  expect(answered).toBe(status)
  if (status === 415) expect(answer).toMatchObject({ code: 'REQUEST_MEDIA_TYPE_UNSUPPORTED', errors: [{ header: 'Content-Type' }] })
})

test('a body without a content type is refused', async () => {
  expect(await post(bytes('{}'), {})).toMatchObject({ status: 415 })
})

test.each([
  ['identity', 200],
  ['gzip', 415],
  ['identity, gzip', 415],
])('content encoding %s: %i', async (encoding, status) => {
  expect(await post('{}', { 'Content-Type': 'application/json', 'Content-Encoding': encoding })).toMatchObject({ status })
})

test.each([
  [bytes('{"a":"', [0xff], '"}'), 6],
  [bytes('{"a":"\uFFFDé', [0xc3], '"}'), 11],
  [bytes('{"a":"', [0xed, 0xa0, 0x80], '"}'), 6],
  [bytes('{"a":"', [0xc0, 0x80], '"}'), 6],
  [bytes('{"a":"b"}', [0xe2, 0x82]), 9],
])('broken UTF-8 names the byte: %#', async (body, position) => {
  const { status, answer } = await post(body)
  expect([status, answer['code']]).toEqual([400, 'REQUEST_MALFORMED'])
  expect(answer['detail']).toBe(`The body is not UTF-8: byte ${position} does not belong there.`)
})

test('other encodings and byte order marks are refused', async () => {
  expect((await post(new Uint8Array(Buffer.from('{}', 'utf16le')))).status).toBe(400)
  expect((await post(bytes([0xef, 0xbb, 0xbf], '{}'))).status).toBe(400)
})

test('what cannot be kept is refused with its place', async () => {
  expect(await post('{"title":"a\\u0000"}')).toMatchObject({ status: 422, answer: { errors: [{ pointer: '/title' }] } })
  expect(await post('{"__proto__":{"a":1}}')).toMatchObject({ status: 422, answer: { errors: [{ pointer: '/__proto__' }] } })
})

test('media types are read by their grammar', () => {
  expect(readMediaType('Text/HTML; Level="a\\"b;" ;;x=1')).toEqual({
    name: 'text/html',
    parameters: new Map([
      ['level', 'a"b;'],
      ['x', '1'],
    ]),
  })
  for (const header of ['', 'text', 'text/', 'text/html;a', 'text/html; a=', 'text/html; a="b', 'text/html a=b', 'text/html;a=1;A=2']) {
    expect(readMediaType(header), header).toBeUndefined()
  }
})
