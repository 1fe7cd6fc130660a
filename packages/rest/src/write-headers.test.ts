import { describe, expect, test } from 'vitest'
import { recordingApi } from './recording-api.ts'

const id = '018f0000-0000-7000-8000-000000000001'
const operationId = '018f0000-0000-7000-8000-000000000002'
const task = `/api/v1/tasks/${id}`
const version = `3.${operationId}`

async function writeOf(headers: Record<string, string>) {
  const api = recordingApi()
  api.answer = { output: { id, operationId, durability: 'committed' } }
  const response = await api.send('PATCH', task, { title: 'x' }, headers)
  return { status: response.status, write: api.calls[0]?.write, problem: response.status < 300 ? undefined : await response.json() }
}

describe('Idempotency-Key', () => {
  test.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    [' abc ', 'abc'],
    ['a"b', 'a"b'],
    ['x'.repeat(200), 'x'.repeat(200)],
  ])('%s is the key %s', async (header, key) => {
    expect((await writeOf({ 'idempotency-key': header })).write).toEqual({ idempotencyKey: key })
  })

  test.each(['', '""', 'a b', '"a b"', 'a, b', '"abc', '"a"b"', '"a\\n"', 'é', 'x'.repeat(201), '"abc";x=1'])(
    '%j is malformed',
    async (header) => {
      const { status, problem, write } = await writeOf({ 'idempotency-key': header })
      expect(status).toBe(400)
      expect(problem).toMatchObject({ code: 'IDEMPOTENCY_KEY_MALFORMED', faults: [{ header: 'Idempotency-Key' }] })
      expect(write).toBeUndefined()
    },
  )

  test('reads and exchanges take none', async () => {
    const api = recordingApi()
    await api.send('GET', '/api/v1/tasks', undefined, { 'idempotency-key': 'a b', 'if-match': 'x', prefer: 'wait=3' })
    await api.send('POST', '/api/v1/auth/refresh', { refreshToken: 'x' }, { 'idempotency-key': 'a' })
    expect(api.calls.map(({ write }) => write)).toEqual([{}, {}])
  })
})

describe('If-Match', () => {
  test.each<[string, unknown]>([
    [`"${version}-c"`, { ifMatch: version }],
    [`"${version}-b"`, { ifMatch: version }],
    [`"${version}"`, { ifMatch: version }],
    ['*', {}],
    ['"from-elsewhere"', { ifMatch: 'from-elsewhere' }],
    ['""', { ifMatch: '' }],
    [`"${'x'.repeat(500)}"`, { ifMatch: 'x'.repeat(60) }],
  ])('%s asks for %j', async (header, write) => {
    expect((await writeOf({ 'if-match': header })).write).toEqual(write)
  })

  test.each([`W/"${version}-c"`, `"${version}-c", "${version}-b"`, version, '', '"a', 'a"', '"a b"', '*, "a"'])(
    '%j is malformed',
    async (header) => {
      const { status, problem } = await writeOf({ 'if-match': header })
      expect(status).toBe(400)
      expect(problem).toMatchObject({ code: 'PRECONDITION_MALFORMED', faults: [{ header: 'If-Match' }] })
    },
  )
})

describe('Prefer (RFC 7240)', () => {
  test.each<[string, unknown]>([
    ['durability=committed', { durability: 'committed' }],
    ['durability="committed"', { durability: 'committed' }],
    ['Durability = committed; x=1', { durability: 'committed' }],
    ['durability=buffered', {}],
    ['durability', {}],
    ['wait=5', { waitSeconds: 5 }],
    ['wait=0', { waitSeconds: 0 }],
    ['wait=31', { waitSeconds: 30 }],
    ['wait=-1', {}],
    ['wait=abc', {}],
    ['wait=1.5', {}],
    ['return=minimal, wait=2, wait=9, durability=committed, respond-async', { waitSeconds: 2, durability: 'committed' }],
    ['', {}],
    [',;=,"', {}],
  ])('%j is %j', async (prefer, write) => {
    expect((await writeOf({ prefer })).write).toEqual(write)
  })
})
