import { buildClient, type ClientOptions } from './build-client.ts'
import { orAborted, type Surroundings } from './surroundings.ts'

/** One request as it was sent. */
export interface Sent {
  readonly name: string
  readonly method: string
  readonly input: Record<string, unknown> & { readonly options?: Record<string, unknown> }
  readonly headers: Headers
}

/** What is answered: an output, an error’s data, a whole response, or (`cut`) no answer at all. */
export type Reply = { output: unknown; token?: string } | { error: Record<string, unknown> } | Response | 'cut'

export const failed = (code: string, more: Record<string, unknown> = {}): Reply => ({ error: { code, ...more } })

const json = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })

function responseOf(reply: Reply): Response {
  if (reply === 'cut') throw new TypeError('fetch failed')
  if (reply instanceof Response) return reply
  if ('error' in reply) return json({ error: { message: 'x', code: -32603, data: reply.error } }, 400)
  return json({ result: { data: reply.output } }, 200, reply.token === undefined ? {} : { 'Consistency-Token': reply.token })
}

/**
 * A client of a service that answers by `answer`, in a time that only waiting moves on: `slept` are the waits, in milliseconds.
 * `answer` may be the replies in order, after which every request is an error.
 */
export function scripted(answer: readonly Reply[] | ((sent: Sent) => Reply | Promise<Reply>), options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = []
  const slept: number[] = []
  let now = 1_000
  let keys = 0
  const replyTo = typeof answer === 'function' ? answer : () => answer[sent.length - 1] ?? failed('INTERNAL_ERROR')
  const surroundings: Surroundings = {
    fetch: async (address, init) => {
      const url = new URL(address)
      const text = init.method === 'GET' ? url.searchParams.get('input') : (init.body as string)
      const name = url.pathname.replace('/trpc/', '')
      sent.push({ name, method: init.method ?? '', input: JSON.parse(text ?? '{}') as Sent['input'], headers: new Headers(init.headers) })
      const request = sent.at(-1) as Sent
      const signal = init.signal ?? undefined
      return orAborted(
        Promise.resolve()
          .then(() => replyTo(request))
          .then(responseOf),
        signal,
      ).catch((error: unknown) => {
        // As a real fetch has it: with the signal’s own reason.
        throw signal?.aborted === true ? signal.reason : error
      })
    },
    monotonicMs: () => now,
    sleep: (ms, signal) => {
      slept.push(ms)
      now += ms
      return orAborted(Promise.resolve(), signal)
    },
    random: () => 0.5,
    newKey: () => `key-${++keys}`,
  }
  const client = buildClient({ url: 'http://service.test/', token: 'token-1', ...options }, surroundings)
  return { client, sent, slept, surroundings }
}

const id = '018f0000-0000-7000-8000-000000000001'
export const operationId = '018f0000-0000-7000-8000-00000000000f'

export const task = {
  id,
  title: 'Read',
  description: '',
  status: 'todo',
  priority: 'none',
  due: null,
  position: '',
  labels: [],
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: null,
  version: `1.${operationId}`,
  durability: 'committed',
  operationId,
} as const

export const acceptedTask = { id, operationId, durability: 'buffered', title: 'Read' } as const

export const tokens = (count: number) => ({
  tokenType: 'Bearer' as const,
  accessToken: `token-${count}`,
  expiresInSeconds: 600,
  refreshToken: `refresh-${count}`,
  refreshExpiresAt: '2030-01-01T00:00:00.000Z',
  userId: id,
  sessionId: id,
})

/** How a promise was rejected. Throws if it was not. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('It was not rejected.')
    },
    (error: unknown) => error,
  )
