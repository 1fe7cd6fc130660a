import type { AppRouter } from '@holdfast/contract/contract'
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { describe, expect, test } from 'vitest'
import { authorization } from '../driver.rest.ts'
import { trpcDriver } from '../driver.trpc.ts'
import { allTasks, logIn } from '../people.ts'
import { send, type RestRequest } from '../rest-request.ts'

interface TrpcProblem {
  readonly error?: {
    readonly data: { readonly code: string; readonly httpStatus: number; readonly detail?: string; readonly requestId: string }
  }
}

/** What only the tRPC door has: batches, and options that travel in the input. */
export function registerTrpcFacts(origin: () => string): void {
  const somebodyNew = async () => {
    const { api, tokens } = await logIn(origin(), trpcDriver(origin()))
    const headers = authorization(tokens.accessToken)
    const post = (path: string, given: Pick<RestRequest, 'headers' | 'body'>) =>
      send(origin(), { method: 'POST', path: `/trpc/${path}`, ...given, headers: { ...headers, ...given.headers } })
    return { api, headers, post }
  }
  const problemIn = (json: unknown) => (json as TrpcProblem).error?.data

  describe('the tRPC door', () => {
    test('answers the calls of a batch one by one, each with its own options', async () => {
      const { headers, api } = await somebodyNew()
      const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${origin()}/trpc`, headers })] })
      const create = (title: string, idempotencyKey: string) => client.tasks.create.mutate({ title, options: { idempotencyKey } })
      const [first, refused, second] = await Promise.allSettled([create('a', 'one'), create('', 'two'), create('b', 'three')])
      expect([first?.status, refused?.status, second?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(refused).toMatchObject({ reason: { data: { code: 'REQUEST_INVALID', httpStatus: 422, faults: [{ pointer: '/title' }] } } })
      expect((await allTasks(api)).map(({ title }) => title).toSorted()).toEqual(['a', 'b'])
      expect(await create('a', 'one')).toEqual((first as PromiseFulfilledResult<unknown>).value)
    })

    test('refuses the headers that would speak for a whole batch', async () => {
      const { api, post } = await somebodyNew()
      for (const [name, value] of [
        ['Idempotency-Key', 'x'],
        ['If-Match', '*'],
        ['Prefer', 'wait=1'],
      ] as const) {
        const answer = await post('tasks.create', { body: { title: 'x' }, headers: { [name]: value } })
        expect(problemIn(answer.json)).toMatchObject({ code: 'REQUEST_INVALID', httpStatus: 422, faults: [{ header: name }] })
      }
      expect(await allTasks(api)).toEqual([])
    })

    test('says what is wrong with a request that no client of it makes', async () => {
      const { api, post, headers } = await somebodyNew()
      const malformed = await post('tasks.create', { body: '{"title":"x"' })
      expect(malformed.status).toBe(400)
      expect(problemIn(malformed.json)).toMatchObject({ code: 'REQUEST_MALFORMED', detail: expect.stringMatching(/position 12/) })
      expect(problemIn((await post('tasks.erase', { body: {} })).json)).toMatchObject({ code: 'ROUTE_NOT_FOUND', httpStatus: 404 })
      expect(problemIn((await post('tasks.list', { body: {} })).json)).toMatchObject({ code: 'ROUTE_METHOD_NOT_ALLOWED', httpStatus: 405 })
      const input = encodeURIComponent('{"title":"x"}')
      const read = await send(origin(), { method: 'GET', path: `/trpc/tasks.create?input=${input}`, headers })
      expect(problemIn(read.json)).toMatchObject({ code: 'ROUTE_METHOD_NOT_ALLOWED', httpStatus: 405 })
      const eleven = Array.from({ length: 11 }, () => 'tasks.create').join()
      const batch = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [index, { title: 'x' }]))
      const large = await post(`${eleven}?batch=1`, { body: batch })
      expect([large.status, large.text]).toEqual([413, expect.stringMatching(/REQUEST_TOO_LARGE.*at most 10 calls/)])
      expect(await allTasks(api)).toEqual([])
    })
  })
}
