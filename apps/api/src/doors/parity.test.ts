import { contract } from '@holdfast/contract/contract'
import { freezeTable } from '@holdfast/contract/freeze'
import { errorsOf, takesBody, type AnyOperation } from '@holdfast/contract/operation'
import { pathNames } from '@holdfast/contract/path-names'
import { textValueOf } from '@holdfast/contract/query-values'
import { ApplicationError } from '@holdfast/domain/application-error'
import { isRetryable, statusOf } from '@holdfast/domain/error-codes'
import { StoreError } from '@holdfast/usecases/ports/operation-store'
import { describe, expect, test } from 'vitest'
import { callRest, callTrpc, type Named } from './door-callers.ts'
import { doorExamples } from './door-examples.ts'
import { fakeDoors } from './fake-doors.ts'

freezeTable(contract)

type Members = Readonly<Record<string, unknown>>
interface AnyExample {
  readonly input: Members
  readonly output: unknown
  readonly accepted: unknown
}

const operations: readonly Named[] = Object.entries(contract).flatMap(([area, verbs]) =>
  Object.entries<AnyOperation>(verbs).map(([verb, entry]) => ({ name: `${area}.${verb}`, entry })),
)
const exampleOf = ({ name }: Named): AnyExample => {
  const [area = '', verb = ''] = name.split('.')
  const example = (doorExamples as unknown as Record<string, Record<string, AnyExample>>)[area]?.[verb]
  if (example === undefined) throw new Error(`door-examples.ts has no example for ${name}.`)
  return example
}
const each = operations.map((named) => [named.name, named] as const)
const writes = each.filter(([, { entry }]) => entry.kind === 'write')
const reads = each.filter(([, { entry }]) => entry.kind === 'read')

test('there is an example for every operation, and it fits the contract', () => {
  for (const named of operations) {
    const { input, output, accepted } = exampleOf(named)
    expect([named.name, named.entry.input.safeParse(input).error]).toEqual([named.name, undefined])
    expect([named.name, named.entry.output.safeParse(output).error]).toEqual([named.name, undefined])
    expect([named.name, named.entry.accepted?.safeParse(accepted).error]).toEqual([named.name, undefined])
  }
})

describe('a good call', () => {
  test.each(each)('%s reaches the same handler alike, and answers alike', async (_, named) => {
    const { input, output } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output })
    const [rest, trpc] = [await callRest(doors.app, named, input), await callTrpc(doors.app, named, input)]
    expect([rest.status, trpc.status]).toEqual([named.entry.status, 200])
    expect(trpc.output).toEqual(output)
    expect(rest.output).toEqual(named.entry.status === 204 ? undefined : output)
    const [first, second] = doors.received
    expect(doors.received).toHaveLength(2)
    expect(first).toEqual(second)
    expect(first).toMatchObject({ name: named.name, input: named.entry.input.parse(input), write: {} })
    expect(first?.actor === null).toBe(named.entry.permission === null)
  })

  test.each(writes)('%s, buffered, answers alike', async (_, named) => {
    const { input, accepted } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output: accepted })
    const [rest, trpc] = [await callRest(doors.app, named, input), await callTrpc(doors.app, named, input)]
    expect([rest.status, rest.output, trpc.output]).toEqual([202, accepted, accepted])
  })

  test.each(writes)('%s gets the same write options from headers and from the input', async (_, named) => {
    const { input, output } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output })
    const options = { idempotencyKey: 'k-1', ifMatch: '3.x', durability: 'committed', waitSeconds: 7 }
    const headers = {
      authorization: 'Bearer good',
      'idempotency-key': '"k-1"',
      'if-match': '"3.x-c"',
      prefer: 'wait=7, durability=committed',
    }
    await callRest(doors.app, named, input, headers)
    await callTrpc(doors.app, named, { ...input, options })
    expect(doors.received.map(({ write }) => write)).toEqual([options, options])
    expect(doors.received[0]).toEqual(doors.received[1])
  })

  test.each(reads)('%s gets the consistency tokens that the caller brought', async (_, named) => {
    const { input, output } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output })
    const headers = { authorization: 'Bearer good', 'consistency-token': 'k3v9x0ab.17, none of ours,,z.1 ' }
    await callRest(doors.app, named, input, headers)
    await callTrpc(doors.app, named, input, headers)
    const tokens = ['k3v9x0ab.17', 'none of ours', 'z.1']
    expect(doors.received.map(({ consistencyTokens }) => consistencyTokens)).toEqual([tokens, tokens])
  })

  test.each(writes)('%s answers with its consistency token, and takes none', async (_, named) => {
    const { input, output } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output, consistencyToken: 'k3v9x0ab.18' })
    const headers = { authorization: 'Bearer good', 'consistency-token': 'k3v9x0ab.17' }
    for (const call of [callRest, callTrpc]) {
      const { headers: answered } = await call(doors.app, named, input, headers)
      expect(answered['consistency-token']).toBe('k3v9x0ab.18')
    }
    expect(doors.received.map(({ consistencyTokens }) => consistencyTokens)).toEqual([[], []])
  })
})

/** Wrong values that a text can say as well as JSON: numbers only where an integer is wanted, a list only where one is. */
function wrongTexts(entry: AnyOperation, name: string): readonly unknown[] {
  const value = entry.input.shape[name] === undefined ? undefined : textValueOf(entry.input.shape[name])
  const wrong = value?.kind === 'integer' ? ['!', -1, 101] : ['!', 'x'.repeat(600)]
  return value?.isList === true ? [...wrong.map((text) => [text]), Array(5).fill('todo')] : wrong
}

/** Bad inputs that both doors can say: each member wrong, each missing, and one too many. */
function badInputs({ entry }: Named, input: Members): readonly Members[] {
  const inPath = new Set(pathNames(entry.path))
  const isText = (name: string) => inPath.has(name) || !takesBody(entry)
  const names = Object.keys(entry.input.shape)
  const wrong = names.flatMap((name) =>
    (isText(name) ? wrongTexts(entry, name) : [5, null, true, '', [], {}, ['x', 5], 'x'.repeat(25_000), 'lone \ud800']).map((value) => ({
      ...input,
      [name]: value,
    })),
  )
  const missing = names
    .filter((name) => !inPath.has(name))
    .map((name) => Object.fromEntries(Object.entries(input).filter(([other]) => other !== name)))
  const tooMany = [
    { ...input, unknown: 'x' },
    { ...input, constructor: 'x', 'a/b~c': 'y' },
  ]
  const everything = Object.fromEntries(names.map((name) => [name, isText(name) ? wrongTexts(entry, name)[0] : '!']))
  return [...wrong, ...missing, ...tooMany, { ...everything, unknown: '1' }]
}

describe('a bad input', () => {
  test.each(each)('of %s gets the same code and the same faults', async (_, named) => {
    const { input, output } = exampleOf(named)
    const doors = fakeDoors()
    doors.answer = () => ({ output })
    let refused = 0
    for (const bad of badInputs(named, input)) {
      const [rest, trpc] = [await callRest(doors.app, named, bad), await callTrpc(doors.app, named, bad)]
      const label = JSON.stringify(bad).slice(0, 200)
      expect([label, trpc.error?.code, trpc.error?.faults]).toEqual([label, rest.error?.code, rest.error?.faults])
      if (rest.error === undefined) continue
      refused += 1
      expect([label, rest.status, trpc.status]).toEqual([label, 422, 422])
      expect(rest.error.faults.length).toBeGreaterThan(0)
    }
    expect(refused).toBeGreaterThanOrEqual(3)
    for (const { input: reached } of doors.received) expect(named.entry.input.safeParse(reached).success).toBe(true)
  })

  test.each(writes)('of %s: a malformed option has the same code', async (_, named) => {
    const { input } = exampleOf(named)
    const doors = fakeDoors()
    const rest = await callRest(doors.app, named, input, { authorization: 'Bearer good', 'idempotency-key': 'a b' })
    const trpc = await callTrpc(doors.app, named, { ...input, options: { idempotencyKey: 'a b' } })
    expect([rest.error?.code, trpc.error?.code]).toEqual(['IDEMPOTENCY_KEY_MALFORMED', 'IDEMPOTENCY_KEY_MALFORMED'])
    expect(doors.received).toEqual([])
  })
})

describe('an error of a handler', () => {
  test.each(each)('%s answers each of its codes alike', async (_, named) => {
    const { input } = exampleOf(named)
    const doors = fakeDoors()
    for (const code of errorsOf(named.entry)) {
      const faults = [{ pointer: '/elsewhere', detail: 'is wrong' }]
      const beside = {
        ...(isRetryable(code) && { retryAfterSeconds: 3 }),
        ...(code === 'OUTCOME_UNKNOWN' && { operationId: '018f0000-0000-7000-8000-000000000002' }),
      }
      doors.answer = () => new ApplicationError(code, { detail: 'Do this.', faults, ...beside })
      const [rest, trpc] = [await callRest(doors.app, named, input), await callTrpc(doors.app, named, input)]
      expect(rest.error).toMatchObject({ code, detail: 'Do this.', rest: beside })
      expect(trpc.error).toEqual(rest.error)
      expect([rest.status, trpc.status]).toEqual([statusOf(code), statusOf(code)])
      for (const header of ['retry-after', 'www-authenticate', 'location', 'allow'])
        expect([header, trpc.headers[header]]).toEqual([header, rest.headers[header]])
    }
  })

  test.each(each)('%s tells nothing of a foreign error', async (_, named) => {
    const { input } = exampleOf(named)
    const doors = fakeDoors()
    for (const foreign of [
      new Error('secret db password'),
      new TypeError('secret'),
      Object.assign(new Error('secret'), { code: 'BAD_REQUEST', name: 'TRPCError' }),
    ]) {
      doors.answer = () => foreign
      for (const call of [callRest, callTrpc]) {
        const { status, text, error } = await call(doors.app, named, input)
        expect([status, error?.code]).toEqual([500, 'INTERNAL_ERROR'])
        expect(text).not.toContain('secret')
        expect(text).toContain('request-1')
      }
    }
  })

  test.each(each)('%s: a store that did not answer means the same', async (_, named) => {
    const doors = fakeDoors()
    doors.answer = () => new StoreError('unknown')
    const [rest, trpc] = [
      await callRest(doors.app, named, exampleOf(named).input),
      await callTrpc(doors.app, named, exampleOf(named).input),
    ]
    expect([rest.error?.code, trpc.error?.code]).toEqual(
      Array(2).fill(named.entry.kind === 'read' ? 'STORE_UNAVAILABLE' : 'OUTCOME_UNKNOWN'),
    )
  })
})

test.each(each)('%s asks who calls before it looks at the input, on both doors', async (_, named) => {
  const doors = fakeDoors()
  const bad = { ...exampleOf(named).input, unknown: 'x' }
  for (const call of [callRest, callTrpc])
    for (const [headers, code] of [
      [{}, 'AUTH_REQUIRED'],
      [{ authorization: 'Bearer bad' }, 'AUTH_TOKEN_INVALID'],
    ] as const) {
      const { error, headers: answered } = await call(doors.app, named, bad, headers)
      expect(error?.code).toBe(named.entry.permission === null ? 'REQUEST_INVALID' : code)
      if (named.entry.permission !== null) expect(answered['www-authenticate']).toMatch(/^Bearer/)
    }
  expect(doors.received).toEqual([])
})
