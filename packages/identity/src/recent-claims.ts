import { hash } from 'node:crypto'

/** Remembers what tokens said whose signature was checked, by their SHA-256: never the token, and never for longer than it lives. */
export interface RecentClaims<Claims> {
  get(token: string): Claims | undefined
  add(token: string, claims: Claims): void
  remove(token: string): void
}

/** At most `maxEntries`; beyond that the one not asked for longest is forgotten and merely checked again. */
export function createRecentClaims<Claims>(maxEntries: number): RecentClaims<Claims> {
  const entries = new Map<string, Claims>()
  return {
    get(token) {
      const key = keyOf(token)
      const claims = entries.get(key)
      if (claims === undefined) return undefined
      entries.delete(key)
      entries.set(key, claims)
      return claims
    },
    add(token, claims) {
      entries.set(keyOf(token), claims)
      const [oldest] = entries.size > maxEntries ? entries.keys() : []
      if (oldest !== undefined) entries.delete(oldest)
    },
    remove(token) {
      entries.delete(keyOf(token))
    },
  }
}

const keyOf = (token: string) => hash('sha256', token, 'base64url')
