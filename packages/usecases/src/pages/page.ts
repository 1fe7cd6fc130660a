/** What a caller says about the page that it wants; `cursor` is the `nextCursor` of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of a list, and how fresh it is. `source`: `cache` too where the database was not asked. `asOf`: milliseconds since 1970 at which it was read. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | null
  readonly source: 'database' | 'cache'
  readonly asOf: number
  /** There may be more than is known here. */
  readonly isPartial: boolean
}

/**
 * Cuts a page out of what was found, which is one row more than the limit if there are more; only then the page has a cursor, made of
 * its last row.
 */
export function cutPage<Row>(found: readonly Row[], limit: number, cursorAfter: (last: Row) => string) {
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  return { rows, nextCursor: last === undefined ? null : cursorAfter(last) }
}
