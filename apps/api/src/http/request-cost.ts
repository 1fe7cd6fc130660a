import type { RequestCost } from '@holdfast/edge/request-rates'

const one: RequestCost = { calls: 1, authCalls: 0 }
const oneAuth: RequestCost = { calls: 1, authCalls: 1 }

/** What a request costs, by its path: on tRPC each call of a batch counts. */
export function requestCost(path: string): RequestCost {
  if (!path.startsWith('/trpc/')) return path.startsWith('/api/v1/auth/') ? oneAuth : one
  const calls = decoded(path.slice('/trpc/'.length)).split(',')
  return { calls: calls.length, authCalls: calls.filter((name) => name.startsWith('auth.')).length }
}

/** A path that cannot be decoded names no call. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
