import type { Config } from '@holdfast/config/config'
import { ApplicationError } from '@holdfast/domain/application-error'
import { grantRole, revokeRole } from '@holdfast/usecases/roles/change-role'
import { parseRoleChange } from '@holdfast/usecases/roles/role-change'
import { askService } from './control-client.ts'
import { withStores } from './stopped-service.ts'

/**
 * Grants or revokes a role: through the service if it runs, else on its stores. Resolves with the line to print; rejects
 * with `ApplicationError` or another clear error.
 */
export async function changeRole(
  config: Config,
  verb: 'grant' | 'revoke',
  given: { readonly user?: string | undefined; readonly role?: string | undefined },
): Promise<string> {
  const change = parseRoleChange(given)
  const done = `${verb === 'grant' ? 'Granted' : 'Revoked'}: ${change.role} of user ${change.user}.`
  const answer = await askService(config.dataDirectory, `role.${verb}`, change)
  if (answer !== null) {
    if (answer.status === 200) return done
    const { detail, title } = answer.body
    throw new Error(detail ?? title ?? `The service answered ${answer.status}.`)
  }
  const perform = verb === 'grant' ? grantRole : revokeRole
  return withStores(config, async (stores) => {
    await perform(stores)({ kind: 'operator' }, change)
    return done
  })
}

/** A command’s failure as lines for a person. */
export function failureLines(error: unknown): readonly string[] {
  if (!(error instanceof ApplicationError)) return [(error as Error).message]
  const faults = error.faults.map(({ pointer = '', detail }) => `--${pointer.slice(1)} ${detail}`)
  return faults.length > 0 ? faults : [error.detail ?? error.message]
}
