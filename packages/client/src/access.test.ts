import { describe, expect, test, vi } from 'vitest'
import { failed, rejection, scripted, task, tokens, type Reply, type Sent } from './scripted-service.fixture.ts'

const bearer = ({ headers }: Sent): string | null => headers.get('authorization')

/** Takes `token-2` and refuses what is older, and gives it for `refresh-1`. */
const expiring = ({ name, headers }: Sent): Reply => {
  if (name === 'auth.refresh') return { output: tokens(2) }
  return headers.get('authorization') === 'Bearer token-2' ? { output: task } : failed('AUTH_TOKEN_EXPIRED')
}

describe('an expired access token', () => {
  test('is renewed once for all who wait, and each call is sent again once', async () => {
    const onTokens = vi.fn()
    const { client, sent } = scripted(expiring, { refresh: { token: 'refresh-1', onTokens } })
    await Promise.all(Array.from({ length: 10 }, () => client.tasks.get({ id: task.id })))
    expect(sent.filter(({ name }) => name === 'auth.refresh')).toMatchObject([{ input: { refreshToken: 'refresh-1' } }])
    expect(sent).toHaveLength(21)
    expect(onTokens.mock.calls).toEqual([[tokens(2)]])
  })

  test('is not renewed again for a refusal that arrives late', async () => {
    let refuseLate = (_reply: Reply): void => {}
    const late = new Promise<Reply>((resolve) => (refuseLate = resolve))
    let gets = 0
    const { client, sent } = scripted((request) => (request.name === 'tasks.get' && ++gets === 1 ? late : expiring(request)), {
      refresh: { token: 'refresh-1' },
    })
    const slow = client.tasks.get({ id: task.id })
    await client.tasks.get({ id: task.id })
    refuseLate(failed('AUTH_TOKEN_EXPIRED'))
    await slow
    expect(sent.filter(({ name }) => name === 'auth.refresh')).toHaveLength(1)
  })

  test('is renewed once a call, not for ever', async () => {
    const { client, sent } = scripted(({ name }) => (name === 'auth.refresh' ? { output: tokens(2) } : failed('AUTH_TOKEN_EXPIRED')), {
      refresh: { token: 'refresh-1' },
    })
    expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code: 'AUTH_TOKEN_EXPIRED', status: 401 })
    expect(sent.map(({ name }) => name)).toEqual(['tasks.get', 'auth.refresh', 'tasks.get'])
  })

  test('is renewed by the caller’s function, if there is one', async () => {
    const refresh = vi.fn(async () => 'token-2')
    const { client, sent } = scripted(expiring, { refresh })
    await client.tasks.get({ id: task.id })
    expect(sent.map(bearer)).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(refresh).toHaveBeenCalledTimes(1)
  })

  test('stays an error where nothing can renew it', async () => {
    const { client, sent } = scripted([failed('AUTH_TOKEN_EXPIRED')])
    expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
    expect(sent).toHaveLength(1)
  })
})

describe('a renewal', () => {
  const withoutToken = { token: null as never, refresh: { token: 'refresh-1' } }

  test('is the beginning where only a refresh token is known; its tokens are stored before they are used', async () => {
    const order: string[] = []
    const onTokens = async () => {
      await Promise.resolve()
      order.push('stored')
    }
    const { client, sent } = scripted(
      (request) => {
        order.push(request.name)
        return expiring(request)
      },
      { token: null as never, refresh: { token: 'refresh-1', onTokens } },
    )
    await client.tasks.get({ id: task.id })
    expect(order).toEqual(['auth.refresh', 'stored', 'tasks.get'])
    expect(sent.map(bearer)).toEqual([null, 'Bearer token-2'])
  })

  test('is repeated when its answer is lost: the same token has the same successor', async () => {
    let refreshes = 0
    const { client } = scripted((request) => (request.name === 'auth.refresh' && ++refreshes < 3 ? 'cut' : expiring(request)), withoutToken)
    expect(await client.tasks.get({ id: task.id })).toEqual(task)
    expect(refreshes).toBe(3)
  })

  test('outlives a caller who leaves', async () => {
    let answer = (_reply: Reply): void => {}
    const held = new Promise<Reply>((resolve) => (answer = resolve))
    const { client, sent } = scripted((request) => (request.name === 'auth.refresh' ? held : expiring(request)), withoutToken)
    const leaving = new AbortController()
    const [left, stays] = [client.tasks.get({ id: task.id }, { signal: leaving.signal }), client.tasks.get({ id: task.id })]
    await vi.waitFor(() => expect(sent.filter(({ name }) => name === 'auth.refresh')).toHaveLength(1))
    leaving.abort('enough')
    expect(await rejection(left)).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    answer({ output: tokens(2) })
    expect(await stays).toEqual(task)
    expect(sent.filter(({ name }) => name === 'auth.refresh')).toHaveLength(1)
  })

  test.each(['AUTH_SESSION_ENDED', 'AUTH_REFRESH_TOKEN_REUSED', 'AUTH_REFRESH_TOKEN_INVALID'])(
    'that ends in %s forgets the tokens',
    async (code) => {
      const onTokens = vi.fn()
      const { client, sent } = scripted(({ name }) => (name === 'auth.refresh' ? failed(code) : failed('AUTH_TOKEN_EXPIRED')), {
        refresh: { token: 'refresh-1', onTokens },
      })
      expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code })
      expect(onTokens.mock.calls).toEqual([[null]])
      await rejection(client.tasks.get({ id: task.id }))
      expect(sent.map(bearer)).toEqual(['Bearer token-1', null, null])
    },
  )

  test('of before a login is not taken for the new session', async () => {
    let answer = (_reply: Reply): void => {}
    const held = new Promise<Reply>((resolve) => (answer = resolve))
    const { client, sent } = scripted(({ name }) => {
      if (name === 'auth.refresh') return held
      return name === 'auth.login' ? { output: tokens(7) } : { output: task }
    }, withoutToken)
    const early = client.tasks.get({ id: task.id })
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    await client.auth.login({ grant: { type: 'id_token', idToken: 'x' } })
    answer({ output: tokens(2) })
    await early
    await client.tasks.get({ id: task.id })
    expect(sent.slice(2).map(bearer)).toEqual(['Bearer token-7', 'Bearer token-7'])
  })
})

test('a login gives the client its tokens, and a logout takes them', async () => {
  const onTokens = vi.fn()
  const { client, sent } = scripted(
    ({ name }) => ({ output: name === 'auth.login' ? tokens(2) : name === 'auth.logout' ? { ended: true } : task }),
    { token: null as never, refresh: { onTokens } },
  )
  await client.auth.login({ grant: { type: 'id_token', idToken: 'x' } })
  await client.tasks.get({ id: task.id })
  await client.auth.logout()
  await client.tasks.get({ id: task.id })
  expect(sent.map(bearer)).toEqual([null, 'Bearer token-2', 'Bearer token-2', null])
  expect(onTokens.mock.calls).toEqual([[tokens(2)], [null]])
})
