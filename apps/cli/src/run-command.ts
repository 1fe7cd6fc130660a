import { parseArgs } from 'node:util'
import { readConfig } from '@holdfast/config/read-config'
import { roleNames } from '@holdfast/domain/role'
import { changeRole, failureLines } from './role-command.ts'

const help = `holdfast: steers the service of this data directory (DATA_DIR), running or stopped.

  holdfast role grant  --user <user id> --role <role>   give a user a role
  holdfast role revoke --user <user id> --role <role>   take it away
  holdfast --help

Roles: ${roleNames.filter((role) => role !== 'member').join(', ')}. A user’s id is in the answers of login and GET /api/v1/profile.
The settings are those of the service (pnpm start --help).`

const fail = (lines: readonly string[], exitCode: 1 | 2): never => {
  for (const line of lines) process.stderr.write(`holdfast: ${line}\n`)
  process.exit(exitCode)
}

const parsed = (() => {
  try {
    const options = { user: { type: 'string' }, role: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return fail([(error as Error).message, 'see holdfast --help'], 2)
  }
})()
const [area, verb, ...rest] = parsed.positionals
if (parsed.values.help === true || area === undefined) {
  process.stdout.write(`${help}\n`)
} else if (area !== 'role' || (verb !== 'grant' && verb !== 'revoke') || rest.length > 0) {
  fail([`there is no command ${parsed.positionals.join(' ')}; see holdfast --help`], 2)
} else {
  const read = readConfig(process.env)
  if ('problems' in read) fail(read.problems, 1)
  else {
    try {
      process.stdout.write(`${await changeRole(read.config, verb, parsed.values)}\n`)
    } catch (error) {
      fail(failureLines(error), 1)
    }
  }
}
