import postgres from 'postgres'
import type { Sql } from 'postgres'

const statementTimeoutMs = 60_000

/**
 * Runs administration statements over one short-lived connection. Every statement and every wait for a lock takes
 * at most 60 s.
 */
export async function administer<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 10,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'holdfast-testkit', statement_timeout: statementTimeoutMs, lock_timeout: statementTimeoutMs },
  })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

/** True if the error is the server's, with one of these SQLSTATE codes. */
export function isSqlState(error: unknown, ...codes: string[]): boolean {
  return error instanceof postgres.PostgresError && codes.includes(error.code)
}
