import { ApplicationError } from '@holdfast/domain/application-error'
import { describe, expect, test } from 'vitest'
import { checkJson } from './check-json.ts'

function refusal(text: string): ApplicationError | undefined {
  try {
    checkJson(text)
    return undefined
  } catch (error) {
    if (error instanceof ApplicationError) return error
    throw error
  }
}
const isParsed = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
const nested = (levels: number, open: string, close: string) => open.repeat(levels) + close.repeat(levels)

const sound = [
  '{}',
  '[]',
  ' \t\r\n{ "a" : [ 1 , -0 , 0.5 , 1e3 , -1.5E-3 ] , "b" : null }\n',
  '"\\u00e9\\ud83d\\ude00 \\"\\\\\\/\\b\\f\\n\\r\\t 😀"',
  'true',
  'false',
  'null',
  '0',
  '1e308',
  '12345678901234567890',
  '{"":{"a/b~c":[[]]}}',
  '"\\u2028\u2028"',
  '{"constructor":1,"toString":2,"a":{"a":{"a":1}}}',
  nested(32, '[', ']'),
]
const unsound = [
  '',
  ' ',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{"a":1,}',
  '[1,]',
  '[1 2]',
  '[,1]',
  '{a:1}',
  "{'a':1}",
  '{"a" 1}',
  '{"a":1]',
  '{}{}',
  '{} x',
  'nul',
  'nullx',
  'NaN',
  'Infinity',
  '01',
  '1.',
  '.5',
  '-',
  '+1',
  '1e',
  '0x10',
  '"abc',
  '"\\x"',
  '"\\u12"',
  '"\\u12g4"',
  '"a\nb"',
  '"a\u0000b"',
  '\uFEFF{}',
  '// c\n{}',
  '{"a":1}\u00a0',
]

test.each(sound)('is sound, as JSON.parse says: %j', (text) => {
  expect(isParsed(text)).toBe(true)
  expect(refusal(text)).toBeUndefined()
})

test.each(unsound)('is no JSON, as JSON.parse says: %j', (text) => {
  expect(isParsed(text)).toBe(false)
  expect(refusal(text)).toMatchObject({
    code: 'REQUEST_MALFORMED',
    detail: expect.stringMatching(/at position \d+ \(line \d+, column \d+\): .+\.$/),
  })
})

test('the position is where it breaks', () => {
  expect(refusal('{"a": 1,\n "b": tru}')?.detail).toBe('The body is not JSON at position 15 (line 2, column 7): a value should stand here.')
  expect(refusal('{"a": "x\\q"}')?.detail).toContain('position 8 (line 1, column 9): this escape does not exist')
})

describe('JSON that is not taken', () => {
  test.each([
    ['{"a":1,"b":{"c":1,"c":2}}', '/b/c', 'is given twice'],
    ['{"a":1,"\\u0061":2}', '/a', 'is given twice'],
    ['{"__proto__":{"isAdmin":true}}', '/__proto__', 'is not known here'],
    ['{"a":[{"\\u005f_proto__":1}]}', '/a/0/__proto__', 'is not known here'],
    ['{"title":"a\\u0000b"}', '/title', 'U+0000'],
    ['{"a":{"b":[{"c":1},2]},"d":["\\u0000"]}', '/d/0', 'U+0000'],
    ['{"a":{"b":[1]},"d":"\\u0000"}', '/d', 'U+0000'],
    ['{"a":{"b":1,"c\\u0000":2}}', '/a', 'U+0000'],
    ['{"b":1,"c\\ud800":2}', '', 'surrogate'],
    ['{"labels":["a","\\ud800"]}', '/labels/1', 'half a surrogate pair'],
    ['{"labels":["\\udc00\\ud800"]}', '/labels/0', 'half a surrogate pair'],
    ['{"a/b":{"c~d":1e400}}', '/a~1b/c~0d', 'beyond the range'],
    ['[-1e999]', '/0', 'beyond the range'],
    [`[${'9'.repeat(400)}]`, '/0', 'beyond the range'],
    [nested(33, '[', ']'), '/0'.repeat(32).slice(0, -2) + '/0', 'nested deeper than 32 levels'],
    [nested(200_000, '[', ''), '/0'.repeat(32), 'nested deeper than 32 levels'],
    [`{"a":${'{"a":'.repeat(40)}`, '/a'.repeat(32), 'nested deeper than 32 levels'],
    [`[${'0,'.repeat(10_000)}0]`, '/10000', 'beyond the limit of 10000'],
  ])('%.40s', (text, pointer, detail) => {
    expect(refusal(text)).toMatchObject({ code: 'REQUEST_INVALID', faults: [{ pointer, detail: expect.stringContaining(detail) }] })
  })

  test('10,000 elements are within the limit', () => {
    expect(refusal(`[${'0,'.repeat(9999)}0]`)).toBeUndefined()
  })

  test('a pointer is bounded, and whole characters', () => {
    const key = '😀'.repeat(10_000)
    const [fault] = refusal(`{"${key}x":{"${key}":{"a":1,"a":1}}}`)?.faults ?? []
    expect(fault?.pointer?.length).toBeLessThanOrEqual(500)
    expect(fault?.pointer?.isWellFormed()).toBe(true)
  })
})

test('agrees with JSON.parse on 20,000 mutilated texts', () => {
  const base = '{"title":"a\\u00e9\\n","n":[-1.5e3,0,true],"o":{"k":null,"":{}},"p":"\\\\"}'
  const alphabet = '{}[]",:\\0123456789.eE+-truefalsn \n\tuxa'
  let state = 42
  const draw = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 20_000; round += 1) {
    let text = base
    for (let change = draw(3); change >= 0; change -= 1) {
      const at = draw(text.length)
      text = text.slice(0, at) + (draw(3) === 0 ? '' : alphabet.charAt(draw(alphabet.length))) + text.slice(at + draw(2))
    }
    const isMalformed = refusal(text)?.code === 'REQUEST_MALFORMED'
    // What is refused for its content may still break further on; what JSON.parse takes is never malformed.
    if (isMalformed || refusal(text) === undefined) expect(isMalformed, text).toBe(!isParsed(text))
  }
})
