import { startPostgres } from '@holdfast/testkit/postgres'

const variable = 'TEST_DATABASE_URL'

/**
 * Works with a database server that flushes: the one of `TEST_DATABASE_URL`, else one of its own, since that of the other benches
 * flushes nothing, and what flushes would be held against it.
 */
export async function withFlushingServer<Result>(work: () => Promise<Result>): Promise<Result> {
  // oxlint-disable-next-line node/no-process-env -- named so for `testDatabase`, which looks here
  const environment = process.env
  if (environment[variable]) return work()
  const server = await startPostgres()
  environment[variable] = server.url
  try {
    return await work()
  } finally {
    Reflect.deleteProperty(environment, variable)
    await server.stop()
  }
}
