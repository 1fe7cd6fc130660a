import type { InstanceId, UserId } from '@holdfast/domain/identifiers'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { CachedPage, PageCache } from '@holdfast/usecases/ports/page-cache'
import { estimatedBytes } from './estimated-bytes.ts'

/** How long a page is served, from the moment its query began: the bound that is published for others’ writes. */
export const pageLifeMs = 1_000

/** The bounds of what is kept. A page that takes more than its share is not kept. */
export const pageLimits = { pages: 10_000, bytes: 32 * 1024 * 1024, bytesOfOnePage: 1024 * 1024, owners: 10_000 } as const

/** That a caller may bring, and that a generation remembers. */
const maxTokens = 10
const maxSeen = 32
const wellFormed = /^[0-9a-z]{1,16}\.\d{1,15}$/

/**
 * The state of an owner’s rows, as far as this instance knows. Its identity is what counts: every change makes a new one, and a
 * page belongs to the one in which its query began. `seen`: tokens of writes by other instances that came before it,
 * so that each of its pages shows them.
 */
interface Generation {
  readonly seen: ReadonlySet<string>
}

interface Page {
  readonly generation: Generation
  readonly startedAt: number
  /** Milliseconds since 1970. */
  readonly asOf: number
  readonly value: unknown
  readonly bytes: number
}

interface Load {
  readonly generation: Generation
  readonly startedAt: number
  readonly asOf: number
  readonly value: Promise<unknown>
}

/** A page cache, and the handles by which its pages become cold. */
export interface PageStore extends PageCache {
  /** The owner’s rows may have changed: no page of before is served any more. `token`: of the write, if another instance did it. */
  raise(owner: UserId, token?: string): void
  /** Nothing is known of anybody’s rows any more. */
  raiseAll(): void
  /** What is kept now. */
  size(): { readonly pages: number; readonly bytes: number; readonly owners: number }
}

/**
 * Pages in this process (`ports/page-cache.ts`). A token is judged by whether the owner’s generation began after the token was
 * given out: so it did if the token is of this instance (which raises before it answers), came with a message, or
 * was brought by an earlier reader; else the generation is raised now. So tokens need no bus to be right, and cost one
 * query each without it.
 *
 * Pages leave in the order in which they were read: with one life for all, the oldest is the next to die.
 */
export function createPageCache(clock: Clock, instance: InstanceId): PageStore {
  const generations = new Map<UserId, Generation>()
  const pages = new Map<string, Page>()
  const loads = new Map<string, Load>()
  let bytes = 0

  const begin = (owner: UserId, seen: Iterable<string>): Generation => {
    const generation = { seen: new Set([...seen].slice(-maxSeen)) }
    generations.delete(owner)
    generations.set(owner, generation)
    const [oldest] = generations.keys()
    if (generations.size > pageLimits.owners && oldest !== undefined) generations.delete(oldest)
    return generation
  }
  const generationFor = (owner: UserId, tokens: readonly string[]): Generation => {
    const current = generations.get(owner)
    if (current !== undefined && tokens.every((token) => current.seen.has(token))) return current
    return begin(owner, [...(current?.seen ?? []), ...tokens])
  }
  const forget = (key: string, page: Page | undefined): void => {
    if (page === undefined) return
    pages.delete(key)
    bytes -= page.bytes
  }
  const isFresh = (it: Page | Load | undefined, generation: Generation, now: number): it is Page | Load =>
    it !== undefined && it.generation === generation && now - it.startedAt < pageLifeMs

  const keep = (key: string, page: Page): void => {
    if (page.bytes > pageLimits.bytesOfOnePage) return
    forget(key, pages.get(key))
    pages.set(key, page)
    bytes += page.bytes
    const deadAt = clock.monotonic() - pageLifeMs
    for (const [oldestKey, oldest] of pages) {
      const isWithin = bytes <= pageLimits.bytes && pages.size <= pageLimits.pages
      if (isWithin && oldest.startedAt > deadAt) break
      forget(oldestKey, oldest)
    }
  }
  const begun = (owner: UserId, key: string, generation: Generation, load: () => Promise<unknown>): Load => {
    const startedAt = clock.monotonic()
    const asOf = Math.trunc(clock.now())
    const run = async (): Promise<unknown> => {
      try {
        // What it throws at once is a rejection too.
        const value = await (async () => load())()
        const isCurrent = generations.get(owner) === generation && (pages.get(key)?.startedAt ?? -Infinity) <= startedAt
        if (isCurrent) keep(key, { generation, startedAt, asOf, value, bytes: estimatedBytes(value) + key.length })
        return value
      } finally {
        if (loads.get(key) === it) loads.delete(key)
      }
    }
    const it: Load = { generation, startedAt, asOf, value: run() }
    loads.set(key, it)
    return it
  }

  return {
    async read<Value>(owner: UserId, name: string, tokens: readonly string[], load: () => Promise<Value>): Promise<CachedPage<Value>> {
      const foreign = tokens.filter((token) => !token.startsWith(`${instance}.`))
      if (tokens.length > maxTokens || !foreign.every((token) => wellFormed.test(token))) {
        const asOf = Math.trunc(clock.now())
        return { page: await load(), source: 'database', asOf }
      }
      const generation = generationFor(owner, foreign)
      const key = `${owner} ${name}`
      const now = clock.monotonic()
      const page = pages.get(key)
      if (isFresh(page, generation, now)) return { page: page.value as Value, source: 'cache', asOf: page.asOf }
      const loading = loads.get(key)
      const { value, asOf } = isFresh(loading, generation, now) ? loading : begun(owner, key, generation, load)
      return { page: (await value) as Value, source: 'database', asOf }
    },
    raise(owner, token) {
      const current = generations.get(owner)
      if (current !== undefined) begin(owner, token === undefined ? current.seen : [...current.seen, token])
    },
    raiseAll() {
      generations.clear()
      pages.clear()
      bytes = 0
    },
    size: () => ({ pages: pages.size, bytes, owners: generations.size }),
  }
}
