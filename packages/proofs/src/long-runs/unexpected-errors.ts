/** A call to the database that failed, and was answered so. */
const isExpected = (line: string): boolean => {
  const { message, error } = JSON.parse(line) as { readonly message: string; readonly error?: { readonly name: string } }
  return error?.name === 'StoreError' && !message.includes('nobody caught')
}

/** What a service logged as an error beside that, as sentences; what nobody caught is among it. */
export const unexpectedErrorsIn = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) => /"level":"(?:error|fatal)"/.test(line) && !isExpected(line))
    .slice(0, 5)
    .map((line) => `the service logged: ${line.slice(0, 1_000)}`)
