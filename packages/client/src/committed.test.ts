import { describe, expect, test } from 'vitest'
import { acceptedTask, failed, operationId, rejection, scripted, task, type Reply } from './scripted-service.fixture.ts'

const operation = (state: string, reason: string | null = null): Reply => ({ output: { id: operationId, state, reason } })
const buffered: Reply = { output: acceptedTask }
const committed: Reply = { output: task }

describe('committed()', () => {
  test('of a committed write is there at once', async () => {
    const { client, sent } = scripted([committed])
    const written = await client.tasks.create({ title: 'Read' })
    expect(await written.committed()).toBe(written)
    expect(sent).toHaveLength(1)
  })

  test('asks for the operation with a growing pause, then takes what the write made under its key', async () => {
    const { client, sent, slept } = scripted([buffered, operation('pending'), operation('pending'), operation('applied'), committed])
    const written = await client.tasks.create({ title: 'Read' }, { waitSeconds: 1 })
    expect(written.durability).toBe('buffered')
    expect(await written.committed()).toMatchObject(task)
    expect(slept).toEqual([100, 200, 400])
    expect(sent.map(({ name }) => name)).toEqual(['tasks.create', ...Array.from({ length: 3 }, () => 'operations.get'), 'tasks.create'])
    expect(sent[1]?.input).toEqual({ id: operationId })
    // Under the same key, and without a wait for what is already there.
    expect(sent[4]?.input).toEqual({ title: 'Read', options: { idempotencyKey: 'key-1' } })
  })

  test('goes on through an outage, and where an instance has not heard of it', async () => {
    const outage: Reply[] = Array.from({ length: 5 }, () => failed('STORE_UNAVAILABLE'))
    const { client } = scripted([
      buffered,
      ...outage,
      failed('OPERATION_NOT_FOUND'),
      operation('applied'),
      buffered,
      operation('applied'),
      committed,
    ])
    expect(await (await client.tasks.create({ title: 'Read' })).committed()).toMatchObject(task)
  })

  test.each([
    ['conflicted', 'VERSION_STALE', 'OPERATION_CONFLICTED'],
    ['rejected', 'TASK_NOT_FOUND', 'OPERATION_REJECTED'],
    ['rejected', 'WRITE_PREDECESSOR_FAILED', 'OPERATION_REJECTED'],
    ['rejected', null, 'OPERATION_REJECTED'],
    ['expired', 'WRITE_EXPIRED', 'OPERATION_EXPIRED'],
  ])('of a write that was %s rejects', async (state, reason, code) => {
    const { client } = scripted([buffered, operation(state, reason)])
    const written = await client.tasks.patch({ id: task.id, title: 'Write' })
    expect(await rejection(written.committed())).toMatchObject({ code, operationId, reason: reason ?? undefined, status: null })
  })

  test.each([
    ['WRITE_EXPIRED', 'OPERATION_EXPIRED'],
    ['WRITE_PREDECESSOR_FAILED', 'OPERATION_REJECTED'],
  ])('of a write whose repetition is answered with %s rejects with %s', async (reason, code) => {
    const { client, sent } = scripted([buffered, operation('applied'), failed(reason, { requestId: 'request-1' })])
    const error = await rejection((await client.tasks.create({ title: 'Read' })).committed())
    expect(error).toMatchObject({ code, operationId, reason, status: null, requestId: 'request-1', cause: { code: reason } })
    expect(sent).toHaveLength(3)
  })

  test('stops waiting at its bound, or with the signal; the write goes on', async () => {
    const { client, slept } = scripted(({ name }) => (name === 'operations.get' ? operation('pending') : buffered))
    const written = await client.tasks.create({ title: 'Read' })
    expect(await rejection(written.committed({ timeoutMs: 5_000 }))).toMatchObject({ code: 'OPERATION_PENDING', operationId })
    expect(slept.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(5_000)
    expect(await rejection(written.committed({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' })
  })

  test('ends what is under way at its bound', async () => {
    const { client } = scripted(({ name }) => (name === 'operations.get' ? new Promise<Reply>(() => {}) : buffered))
    const written = await client.tasks.create({ title: 'Read' })
    expect(await rejection(written.committed({ timeoutMs: 150 }))).toMatchObject({ code: 'OPERATION_PENDING' })
  })

  test('passes on what is no answer to wait for', async () => {
    const { client } = scripted([buffered, failed('AUTH_SESSION_ENDED')])
    expect(await rejection((await client.tasks.create({ title: 'Read' })).committed())).toMatchObject({ code: 'AUTH_SESSION_ENDED' })
  })
})

test('what a write answers is plain data to whoever copies, stores or sends it', async () => {
  const { client } = scripted([buffered])
  const written = await client.tasks.create({ title: 'Read' })
  expect(Object.keys(written)).toEqual(Object.keys(acceptedTask))
  expect(JSON.parse(JSON.stringify(written))).toStrictEqual(acceptedTask)
  expect(structuredClone(written)).toStrictEqual({ ...acceptedTask })
  expect({ ...written }).toStrictEqual({ ...acceptedTask })
})
