import { createClient, HoldfastError, type Committed, type Task } from '../client.ts'

/** What was seen, in words that are the same wherever it runs. */
export interface Seen {
  readonly created: string
  readonly committed: boolean
  readonly titles: readonly string[]
  readonly pages: number
  readonly patched: string
  readonly stale: string
  readonly replayed: boolean
  readonly faults: readonly (string | undefined)[]
  readonly deleted: string
  readonly gone: string
  readonly aborted: string
  readonly renewed: boolean
  readonly loggedOut: string
  readonly unreachable: string
}

async function codeOf(call: Promise<unknown>): Promise<HoldfastError> {
  try {
    await call
  } catch (error) {
    if (error instanceof HoldfastError) return error
    throw error
  }
  throw new Error('The call was not refused.')
}

/** A tour of the client against a running service, for somebody who is new there. Ends logged out. */
export async function smoke(url: string, idToken: string): Promise<Seen> {
  const kept: (string | null)[] = []
  const client = createClient({ url, refresh: { onTokens: (tokens) => void kept.push(tokens?.refreshToken ?? null) } })
  const tokens = await client.auth.login({ grant: { type: 'id_token', idToken } })

  const written = await client.tasks.create({ title: 'one', labels: ['smoke'] }, { idempotencyKey: 'smoke-one' })
  const again = await client.tasks.create({ title: 'one', labels: ['smoke'] }, { idempotencyKey: 'smoke-one' })
  const task: Committed<Task> = await written.committed()
  await client.tasks.create({ title: 'two' }, { durability: 'committed' })
  await client.tasks.create({ title: 'Drei, ängstlich & "zitiert" 🙂' })

  const titles: string[] = []
  for await (const { title } of client.tasks.list.items({ limit: 1, sort: 'created' })) titles.push(title)
  let pages = 0
  for await (const page of client.tasks.list.pages({ limit: 2, text: 'Ä' })) pages += page.items.length

  const patched = await client.tasks.patch({ id: task.id, status: 'done' }, { ifMatch: task.version })
  const stale = await codeOf(client.tasks.patch({ id: task.id, status: 'todo' }, { ifMatch: task.version }))
  const invalid = await codeOf(client.tasks.create({ title: '' }))
  const deleted = await client.tasks.delete({ id: task.id })
  const gone = await codeOf(client.tasks.get({ id: task.id }))
  const aborted = await codeOf(client.tasks.list({}, { signal: AbortSignal.abort() }))

  // Somebody who comes back with what was stored.
  const later = createClient({ url, refresh: { token: tokens.refreshToken } })
  const renewed = (await later.tasks.list()).items.length === 2
  await later.auth.logout()
  const loggedOut = await codeOf(client.tasks.list())
  const unreachable = await codeOf(createClient({ url: 'http://127.0.0.1:9', bounds: { maxAttempts: 2 } }).tasks.list())

  return {
    created: written.durability,
    committed: task.title === 'one',
    titles,
    pages,
    patched: `${patched.durability} ${patched.status}`,
    stale: `${stale.status} ${stale.code}`,
    replayed: again.id === written.id && again.operationId === written.operationId,
    faults: invalid.faults.map(({ pointer }) => pointer),
    deleted: `${deleted.durability} ${deleted.id === task.id}`,
    gone: `${gone.status} ${gone.code}`,
    aborted: aborted.code,
    renewed: renewed && kept.length === 1,
    loggedOut: loggedOut.code,
    unreachable: unreachable.code,
  }
}
