import { describe, expect, test } from 'vitest'
import { HoldfastError } from './failure.ts'
import { failed, rejection, scripted, task, type Reply } from './scripted-service.fixture.ts'

describe('consistency tokens', () => {
  const wrote = (token: string): Reply => ({ output: task, token })

  test('of writes are sent with reads, the newest of each instance', async () => {
    const { client, sent } = scripted([wrote('a.1'), wrote('b.x.7'), wrote('a.10'), wrote('a.9, c.1'), { output: task }, { output: task }])
    for (let count = 0; count < 4; count++) await client.tasks.create({ title: 'Read' })
    await client.tasks.get({ id: task.id })
    await client.tasks.create({ title: 'Read' })
    expect(sent.map(({ headers }) => headers.get('consistency-token'))).toEqual([null, null, null, null, 'b.x.7, a.10, c.1', null])
  })

  test('are bounded: those of the instances that wrote last stay', async () => {
    const { client, sent } = scripted(({ name, input }) => (name === 'tasks.get' ? { output: task } : wrote(String(input['title']))))
    for (let instance = 1; instance <= 20; instance++) await client.tasks.create({ title: `i${instance}.1` })
    await client.tasks.get({ id: task.id })
    const echoed = sent.at(-1)?.headers.get('consistency-token')?.split(', ')
    expect(echoed).toHaveLength(16)
    expect(echoed?.[0]).toBe('i5.1')
  })

  test('that are none are dropped', async () => {
    const { client, sent } = scripted([wrote(', nothing, .4, a.-'), { output: task }])
    await client.tasks.create({ title: 'Read' })
    await client.tasks.get({ id: task.id })
    expect(sent[1]?.headers.get('consistency-token')).toBeNull()
  })
})

describe('lists', () => {
  const pageOf = (cursor: string | undefined): Reply => {
    const at = Number(cursor ?? 0)
    return { output: { items: [at, at + 1], nextCursor: at < 4 ? String(at + 2) : null } }
  }

  test('are read page by page, each when it is wanted, with the same filters', async () => {
    const { client, sent } = scripted(({ input }) => pageOf(input['cursor'] as string | undefined))
    const seen: unknown[] = []
    for await (const { items } of client.tasks.list.pages({ status: ['todo'] })) {
      seen.push(...items)
      expect(sent).toHaveLength(seen.length / 2)
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5])
    expect(sent.map(({ input, method }) => [method, input])).toEqual([
      ['GET', { status: ['todo'] }],
      ['GET', { status: ['todo'], cursor: '2' }],
      ['GET', { status: ['todo'], cursor: '4' }],
    ])
  })

  test('are read item by item, and no further than they are wanted', async () => {
    const { client, sent } = scripted(({ input }) => pageOf(input['cursor'] as string | undefined))
    for await (const item of client.tasks.list.items()) if (Number(item) === 2) break
    expect(sent).toHaveLength(2)
  })

  test('stop with the signal', async () => {
    const { client } = scripted(({ input }) => pageOf(input['cursor'] as string | undefined))
    const control = new AbortController()
    const pages = client.tasks.list.pages({}, { signal: control.signal })
    await pages.next()
    control.abort()
    expect(await rejection(pages.next())).toMatchObject({ code: 'ABORTED' })
  })
})

describe('an abort', () => {
  test('before, during, and between attempts is an error of its own, and sends nothing more', async () => {
    const before = scripted([{ output: task }])
    expect(await rejection(before.client.tasks.get({ id: task.id }, { signal: AbortSignal.abort('no') }))).toMatchObject({
      code: 'ABORTED',
      status: null,
      cause: 'no',
    })
    expect(before.sent).toHaveLength(0)

    const during = new AbortController()
    const stuck = scripted(() => {
      during.abort('enough')
      return new Promise<Reply>(() => {})
    })
    expect(await rejection(stuck.client.tasks.get({ id: task.id }, { signal: during.signal }))).toMatchObject({ code: 'ABORTED' })

    const between = new AbortController()
    const failing = scripted(() => 'cut')
    const sleep = failing.surroundings.sleep
    Object.assign(failing.surroundings, {
      sleep: (ms: number, signal: AbortSignal) => {
        between.abort()
        return sleep(ms, signal)
      },
    })
    expect(await rejection(failing.client.tasks.get({ id: task.id }, { signal: between.signal }))).toMatchObject({ code: 'ABORTED' })
    expect(failing.sent).toHaveLength(1)
  })
})

describe('an error', () => {
  test('has what the service said', async () => {
    const data = {
      httpStatus: 422,
      requestId: 'r-1',
      detail: 'title is too long.',
      faults: [{ pointer: '/title', detail: 'is too long' }],
    }
    const { client } = scripted([failed('REQUEST_INVALID', data)])
    const error = await rejection(client.tasks.create({ title: 'x' }))
    expect(error).toBeInstanceOf(HoldfastError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'HoldfastError',
      message: 'REQUEST_INVALID: title is too long.',
      code: 'REQUEST_INVALID',
      status: 422,
      detail: 'title is too long.',
      faults: data.faults,
      requestId: 'r-1',
    })
  })

  test.each([
    new Response('<html>no such page</html>', { status: 404 }),
    new Response('{"error":{"data":{"code":"FROM_THE_FUTURE"}}}', { status: 418 }),
    new Response('null', { status: 200 }),
    new Response('', { status: 200 }),
  ])('of what is not the service: %#', async (response) => {
    const { client } = scripted([response])
    expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code: 'ANSWER_UNREADABLE', status: response.status })
  })

  test('an attempt that is not answered in time is a failure of the network', async () => {
    const { client, sent } = scripted(() => new Promise(() => {}), { bounds: { attemptTimeoutMs: 10, maxAttempts: 2 } })
    expect(await rejection(client.tasks.get({ id: task.id }))).toMatchObject({ code: 'NETWORK', detail: 'No answer came in 10 ms.' })
    expect(sent).toHaveLength(2)
  })
})
