import postgres from 'postgres'

type Digests = Readonly<Record<string, string>>

/** What a database holds, each table as a digest of its rows: equal digests, equal rows. */
export interface StoredRows {
  readonly all: Digests
  /** Of the rows that mention a text. */
  readonly mentioning: Digests
}

export interface RowReader {
  read(): Promise<StoredRows>
  close(): Promise<void>
}

/** Looks into every table that there is, so that none is forgotten; apart at the rows that mention a text, such as a user’s id. */
export async function openRowReader(url: string, text: string): Promise<RowReader> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const tables = await sql<
    { name: string }[]
  >`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`
  const digest = "md5(coalesce(string_agg(t::text, E'\\n' order by t::text)"
  const statement = tables
    .map(
      ({ name }) => `select '${name}' as name, ${digest}, '')) as all,
        ${digest} filter (where position($1 in t::text) > 0), '')) as mentioning from "${name}" t`,
    )
    .join(' union all ')
  return {
    async read() {
      const rows = await sql.unsafe<{ name: string; all: string; mentioning: string }[]>(statement, [text], { prepare: true })
      return {
        all: Object.fromEntries(rows.map(({ name, all }) => [name, all])),
        mentioning: Object.fromEntries(rows.map(({ name, mentioning }) => [name, mentioning])),
      }
    },
    close: () => sql.end(),
  }
}
