import type { UserId } from '@holdfast/domain/identifiers'

/** A page and where it came from. `asOf`: milliseconds since 1970 at which it was read from the database. */
export interface CachedPage<Page> {
  readonly page: Page
  readonly source: 'database' | 'cache'
  readonly asOf: number
}

/**
 * Pages that were read, kept in this process for a moment, so that what is asked again and again costs the database one query.
 *
 * A user sees their own writes: a page is kept only under the state of its owner’s rows in which it was read, and whoever
 * brings the `Consistency-Token` of a write that this instance has not heard of is answered from the database. Others’
 * writes are seen within one second.
 */
export interface PageCache {
  /**
   * The page of this owner under `key` (which names the query and all of its parameters), from memory or by `load`. Rejects as
   * `load` does; what rejects is not kept. Pages are shared: nobody changes one. `tokens`: the consistency tokens that the
   * caller brought, none if empty; a malformed one, or more than ten, mean the database.
   */
  read<Page>(owner: UserId, key: string, tokens: readonly string[], load: () => Promise<Page>): Promise<CachedPage<Page>>
}
