import { openAccess, type AccessOptions, type Tokens } from './access.ts'
import type { CallOptions, Client, WriteCallOptions } from './methods.ts'
import { operations } from './operation-table.ts'
import { eachItem, eachPage, type Page } from './pages.ts'
import { openPerform, type Bounds, type OperationName } from './perform.ts'
import { seenWrites } from './seen-writes.ts'
import { settle } from './settle.ts'
import type { Surroundings } from './surroundings.ts'
import { openWire } from './wire.ts'
import { Receipt } from './written.ts'

export interface ClientOptions extends AccessOptions {
  /** The service’s address, such as `https://tasks.example.org`; `''` is the origin of the page. */
  readonly url: string
  readonly bounds?: Partial<Bounds>
  readonly fetch?: Surroundings['fetch']
}

const standardBounds: Bounds = { maxAttempts: 5, maxTotalMs: 30_000, attemptTimeoutMs: 15_000 }

type Given = Readonly<Record<string, unknown>>
type Answer = Readonly<Record<string, unknown>>

/** Makes a client of what runs around it. */
export function buildClient({ url, bounds, ...access }: ClientOptions, surroundings: Surroundings): Client {
  const keeper = openAccess(access, (refreshToken) => read('auth.refresh', { refreshToken }) as Promise<Tokens>)
  const perform = openPerform({
    wire: openWire(url, surroundings),
    access: () => keeper,
    seen: seenWrites(),
    bounds: { ...standardBounds, ...bounds },
    surroundings,
  })

  const read = (name: OperationName, input: Given = {}, { signal }: CallOptions = {}) => perform({ name, input, signal })

  const list = (name: OperationName) => {
    const ask = (input?: Given, options?: CallOptions) => read(name, input, options) as Promise<Page<unknown>>
    const pages = (input: Given = {}, options?: CallOptions) =>
      eachPage((cursor) => ask({ ...input, ...(cursor !== undefined && { cursor }) }, options))
    return Object.assign(ask, { pages, items: (input?: Given, options?: CallOptions) => eachItem(pages(input, options)) })
  }

  const write = async (name: OperationName, given: Given, { signal, ...wishes }: WriteCallOptions = {}) => {
    const { waitSeconds, ...lasting } = { ...wishes, idempotencyKey: wishes.idempotencyKey ?? surroundings.newKey() }
    const input = { ...given, options: { ...lasting, ...(waitSeconds !== undefined && { waitSeconds }) } }
    const answer = (await perform({ name, input, signal, waitSeconds })) as Answer
    const sent = { name, input: { ...given, options: lasting }, operationId: String(answer['operationId']) }
    return new Receipt(answer, (options) => settle(sent, perform, surroundings, options))
  }

  /** A login’s tokens are this client’s from then on, and a logout ends that. */
  const exchange = async (name: OperationName, input: Given = {}, { signal }: CallOptions = {}) => {
    const answer = (await perform({ name, input, signal })) as Answer
    if (name === 'auth.login' || name === 'auth.refresh') await keeper.adopt(answer as Tokens)
    else if (name === 'auth.logout' || (input['keepCurrent'] !== true && answer['isComplete'] === true)) await keeper.forget()
    return answer
  }

  const methodOf = (name: OperationName): unknown => {
    switch (operations[name].kind) {
      case 'read':
        return (input?: Given, options?: CallOptions) => read(name, input, options)
      case 'list':
        return list(name)
      case 'write':
        return (input: Given, options?: WriteCallOptions) => write(name, input, options)
      case 'exchange':
        return (input?: Given, options?: CallOptions) => exchange(name, input, options)
    }
  }

  const client: Record<string, Record<string, unknown>> = {}
  for (const name of Object.keys(operations) as OperationName[]) {
    const [area = '', verb = ''] = name.split('.')
    ;(client[area] ??= {})[verb] = methodOf(name)
  }
  // The one cast: the table that the methods are made of is the one that the type is made of.
  return client as unknown as Client
}
