import { describe, expect, test } from 'vitest'
import { HoldfastError } from './failure.ts'
import { errorCodes } from './operation-table.ts'
import { mayRepeat } from './retry.ts'
import { failed, rejection, scripted, task, tokens, type Reply } from './scripted-service.fixture.ts'

const written: Reply = { output: task }

describe('a write', () => {
  test.each(['cut', failed('STORE_UNAVAILABLE'), failed('OUTCOME_UNKNOWN'), failed('IDEMPOTENCY_KEY_IN_FLIGHT'), 'proxy'] as const)(
    'is sent again under its own key after %j',
    async (trouble) => {
      const reply = trouble === 'proxy' ? new Response('<html>', { status: 502 }) : trouble
      const { client, sent } = scripted([reply, written, written])
      expect((await client.tasks.create({ title: 'Read' })).durability).toBe('committed')
      await client.tasks.create({ title: 'Read' })
      expect(sent.map(({ input }) => input.options?.['idempotencyKey'])).toEqual(['key-1', 'key-1', 'key-2'])
      expect(sent[0]).toMatchObject({ name: 'tasks.create', method: 'POST', input: sent[1]?.input })
    },
  )

  test('takes a key of the caller’s, and its wishes', async () => {
    const { client, sent } = scripted([written])
    await client.tasks.delete({ id: task.id }, { idempotencyKey: 'mine', ifMatch: '1.x', durability: 'committed', waitSeconds: 3 })
    expect(sent[0]?.input).toEqual({
      id: task.id,
      options: { idempotencyKey: 'mine', ifMatch: '1.x', durability: 'committed', waitSeconds: 3 },
    })
  })

  test.each(['TASK_ID_TAKEN', 'INTERNAL_ERROR', 'VERSION_STALE', 'IDEMPOTENCY_KEY_REUSED'])('is not sent again after %s', async (code) => {
    const { client, sent } = scripted([failed(code), written])
    expect(await rejection(client.tasks.create({ title: 'Read' }))).toMatchObject({ code })
    expect(sent).toHaveLength(1)
  })
})

describe('waiting', () => {
  test('grows with a random half of a doubling bound, and waits at least as long as the service says', async () => {
    const { client, slept } = scripted(['cut', 'cut', failed('STORE_OVERLOADED', { retryAfterSeconds: 2 }), 'cut', written])
    await client.tasks.create({ title: 'Read' })
    expect(slept).toEqual([100, 200, 2_400, 800])
  })

  test('ends after so many attempts, with the last error', async () => {
    const { client, sent } = scripted(() => 'cut')
    expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code: 'NETWORK', status: null })
    expect(sent).toHaveLength(5)
  })

  test('is not begun where it would go beyond the bound', async () => {
    const late = failed('REQUEST_RATE_LIMITED', { retryAfterSeconds: 31 })
    const { client, sent, slept } = scripted([late, written])
    expect(await rejection(client.tasks.create({ title: 'Read' }))).toMatchObject({ code: 'REQUEST_RATE_LIMITED', retryAfterSeconds: 31 })
    expect([sent.length, slept]).toEqual([1, []])
    const patient = scripted([late, written], { bounds: { maxTotalMs: 40_000 } })
    await patient.client.tasks.create({ title: 'Read' })
    expect(patient.slept).toEqual([31_100])
  })
})

describe('an exchange of credentials', () => {
  const grant = { type: 'id_token', idToken: 'x' } as const
  test.each([failed('OUTCOME_UNKNOWN'), 'cut'] as const)('is not sent again after %j: its grant may be spent', async (trouble) => {
    const { client, sent } = scripted([trouble, { output: tokens(2) }])
    await rejection(client.auth.login({ grant }))
    expect(sent).toHaveLength(1)
  })

  test('is sent again where nothing was accepted; without a token of ours', async () => {
    const { client, sent } = scripted([failed('AUTH_PROVIDER_UNAVAILABLE'), { output: tokens(2) }])
    await client.auth.login({ grant })
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([null, null])
  })
})

test('every code that the contract calls retryable is repeated, and no other', () => {
  for (const [code, { isRetryable }] of Object.entries(errorCodes))
    expect(mayRepeat(new HoldfastError(code as 'TASK_NOT_FOUND'), 'always'), code).toBe(isRetryable)
  expect(mayRepeat(new HoldfastError('ABORTED'), 'always')).toBe(false)
  expect(mayRepeat(new HoldfastError('ANSWER_UNREADABLE', { status: 404 }), 'always')).toBe(false)
})
