import postgres from 'postgres'

/** Works with a database over one connection of its own, which is closed in the end, whatever comes of the work. */
export async function withSql<Value>(databaseUrl: string, work: (sql: postgres.Sql) => Promise<Value>): Promise<Value> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
