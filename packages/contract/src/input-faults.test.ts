import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import { inputError, inputFaults, jsonPointer } from './input-faults.ts'
import { writeOptions } from './write-options.ts'

const faultsOf = (schema: z.ZodType, value: unknown, parameters?: ReadonlySet<string>) =>
  inputFaults(schema.safeParse(value).error?.issues ?? [], parameters)
const create = contract.tasks.create.input

test('a pointer escapes ~ and / (RFC 6901)', () => {
  expect(jsonPointer(['a/b', 'm~n', 0, ''])).toBe('/a~1b/m~0n/0/')
  expect(jsonPointer([])).toBe('')
})

describe('what each fault says', () => {
  test.each<[unknown, string, string]>([
    [{}, '/title', 'is required'],
    [{ title: 1 }, '/title', 'must be a string'],
    [{ title: '' }, '/title', 'must have at least 1 character'],
    [{ title: 'x'.repeat(501) }, '/title', 'must have at most 500 characters'],
    [{ title: 'a\0b' }, '/title', 'must not hold NUL or a lone surrogate'],
    [{ title: 'x', id: 'nope' }, '/id', 'must be a UUID'],
    [{ title: 'x', status: 'later' }, '/status', 'must be one of "todo", "in_progress", "done", "cancelled"'],
    [{ title: 'x', labels: ['a', 2] }, '/labels/1', 'must be a string'],
    [{ title: 'x', labels: 'a' }, '/labels', 'must be an array'],
    [{ title: 'x', position: 'a b' }, '/position', 'must be printable ASCII without spaces'],
    [{ title: 'x', 'a/~b': 1 }, '/a~1~0b', 'is not a member here'],
    [JSON.parse('{"title":"x","__proto__":1}'), '/__proto__', 'is not a member here'],
    [null, '', 'must be an object'],
    [[], '', 'must be an object'],
  ])('%j', (value, pointer, detail) => {
    expect(faultsOf(create, value)).toEqual([{ pointer, detail }])
  })

  test('unknown keys are named one by one', () => {
    expect(faultsOf(create, { title: 'x', b: 1, constructor: 1 })).toEqual([
      { pointer: '/b', detail: 'is not a member here' },
      { pointer: '/constructor', detail: 'is not a member here' },
    ])
  })
})

describe('a union', () => {
  const forms = 'must be {"date": "YYYY-MM-DD"} or {"instant": "…", "zone": "…"}'
  test.each<[unknown, string, string]>([
    [{ date: 'soon' }, '/due/date', 'must be a date, YYYY-MM-DD'],
    [{ date: '0001-01-01' }, '/due/date', 'must lie in the years 1900 to 9999'],
    [{ instant: '2030-01-01T00:00:00Z' }, '/due/zone', 'is required'],
    [{ instant: 'x', zone: 'UTC' }, '/due/instant', 'must be an ISO 8601 time with its offset, such as 2030-01-31T09:00:00Z'],
    [{ instant: '2030-01-01T00:00:00Z', zone: 'Mars/Base' }, '/due/zone', 'must be an IANA time zone, such as Europe/Berlin'],
    [{}, '/due', forms],
    ['tomorrow', '/due', forms],
    [{ when: 1 }, '/due', forms],
  ])('due %j', (due, pointer, detail) => {
    expect(faultsOf(create, { title: 'x', due })).toEqual([{ pointer, detail }])
  })

  test('an unknown tag names the tags', () => {
    expect(faultsOf(contract.auth.login.input, { grant: { type: 'password' } })).toEqual([
      { pointer: '/grant/type', detail: 'must be one of "authorization_code", "id_token"' },
    ])
  })

  test('a known tag is judged by its own member', () => {
    expect(faultsOf(contract.auth.login.input, { grant: { type: 'id_token', code: 'x' } })).toEqual([
      { pointer: '/grant/idToken', detail: 'is required' },
      { pointer: '/grant/code', detail: 'is not a member here' },
    ])
  })
})

test('parameters are called by their name', () => {
  expect(faultsOf(contract.tasks.list.input, { limit: 0, status: ['x'], cursor: '' }, new Set(['limit', 'status', 'cursor']))).toEqual([
    { parameter: 'limit', detail: 'must be at least 1' },
    { parameter: 'cursor', detail: 'must have at least 1 character' },
    { parameter: 'status', detail: 'must be one of "todo", "in_progress", "done", "cancelled"' },
  ])
})

test('there are never more than 20 faults, and long keys are cut', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key${at}${'x'.repeat(1000)}`, at]))
  const faults = faultsOf(create, { title: 'x', ...many })
  expect(faults).toHaveLength(20)
  expect(JSON.stringify(faults).length).toBeLessThan(4000)
})

test('no value that was sent is repeated', () => {
  const secret = 's3cret-value'
  const inputs: [z.ZodType, unknown][] = [
    [
      create,
      {
        title: 5,
        id: secret,
        status: secret,
        priority: secret,
        due: { date: secret },
        labels: [secret, `${secret}\0`],
        position: `${secret} `,
      },
    ],
    [create, { title: 'x', due: { instant: secret, zone: secret } }],
    [contract.auth.login.input, { grant: { type: secret } }],
    [contract.auth.login.input, { grant: { type: 'authorization_code', code: 'x', codeVerifier: secret, redirectUri: secret } }],
    [
      contract.profile.replace.input,
      { locale: secret.repeat(9), timeZone: secret, theme: secret, weekStart: secret, notifications: secret },
    ],
  ]
  for (const [schema, value] of inputs) {
    const faults = faultsOf(schema, value)
    expect(faults.length).toBeGreaterThan(0)
    expect(JSON.stringify(faults)).not.toContain(secret)
  }
})

test('every fault of the contract’s inputs is in our own words', () => {
  const words = /^(must |is )/
  for (const verbs of Object.values(contract))
    for (const entry of Object.values(verbs))
      for (const fault of faultsOf(entry.input, Object.fromEntries(Object.keys(entry.input.shape).map((key) => [key, 5]))))
        expect(fault.detail).toMatch(words)
})

test('the error says its first fault in words', () => {
  const detailOf = (value: unknown) => inputError(create.safeParse(value).error as z.ZodError).detail
  expect(detailOf({})).toBe('/title is required.')
  expect(detailOf({ title: 1, a: 1, b: 1 })).toBe('/title must be a string (and 2 more).')
  expect(detailOf(null)).toBe('The input must be an object.')
})

describe('a malformed write option keeps its own code', () => {
  const schema = z.strictObject({ options: writeOptions })
  const codeOf = (options: unknown) => inputError(schema.safeParse({ options }).error as z.ZodError).code
  test.each([
    [{ idempotencyKey: 'a b' }, 'IDEMPOTENCY_KEY_MALFORMED'],
    [{ ifMatch: 'x'.repeat(61) }, 'PRECONDITION_MALFORMED'],
    [{ waitSeconds: 31 }, 'REQUEST_INVALID'],
    // On REST they are headers, and read in this order, before the body.
    [{ idempotencyKey: 'a b', waitSeconds: 31 }, 'IDEMPOTENCY_KEY_MALFORMED'],
    [{ idempotencyKey: 'a b', ifMatch: 'x'.repeat(61) }, 'IDEMPOTENCY_KEY_MALFORMED'],
    [{ ifMatch: 'x'.repeat(61), waitSeconds: 31 }, 'PRECONDITION_MALFORMED'],
  ])('%j → %s', (options, code) => {
    expect(codeOf(options)).toBe(code)
  })
})
