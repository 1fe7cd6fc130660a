import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  readonly expiresAt: number
}

const maxEntries = 10_000

/**
 * Where oidc-provider keeps logins in progress, codes and browser sessions: in memory, at most 10,000 in all, the oldest going
 * first. Lost at a restart, which costs a development login and nothing else.
 */
export function createMemoryAdapter(now: () => number): (model: string) => Adapter {
  const entries = new Map<string, Entry>()

  const find = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key)
    if (entry !== undefined && entry.expiresAt > now()) return entry.payload
    entries.delete(key)
    return undefined
  }
  const findWhere = (model: string, isMatch: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [key, { payload }] of entries) if (key.startsWith(`${model}:`) && isMatch(payload)) return find(key)
    return undefined
  }

  return (model) => ({
    async upsert(id, payload, expiresInSeconds = Number.POSITIVE_INFINITY) {
      const key = `${model}:${id}`
      entries.delete(key)
      entries.set(key, { payload, expiresAt: now() + expiresInSeconds * 1000 })
      const [oldest] = entries.size > maxEntries ? entries.keys() : []
      if (oldest !== undefined) entries.delete(oldest)
    },
    find: async (id) => find(`${model}:${id}`),
    findByUid: async (uid) => findWhere(model, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findWhere(model, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = find(`${model}:${id}`)
      if (payload !== undefined) payload.consumed = Math.floor(now() / 1000)
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (key.startsWith(`${model}:`) && payload.grantId === grantId) entries.delete(key)
    },
  })
}
