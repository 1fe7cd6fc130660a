import type { Actor } from '@holdfast/usecases/ports/actor'
import type { Clock } from '@holdfast/usecases/ports/clock'
import type { GrantRepository } from '@holdfast/usecases/ports/grant-repository'
import type { WritePort } from '@holdfast/usecases/ports/write-port'
import { grantRole, revokeRole } from '@holdfast/usecases/roles/change-role'
import { parseRoleChange } from '@holdfast/usecases/roles/role-change'
import type { OperatorCommands } from './control-server.ts'

const operator: Actor = { kind: 'operator' }

/** The commands of the control socket. */
export function operatorCommands(dependencies: {
  readonly clock: Clock
  readonly grants: GrantRepository
  readonly writes: WritePort
}): OperatorCommands {
  const grant = grantRole(dependencies)
  const revoke = revokeRole(dependencies)
  return {
    'role.grant': async (input) => ({ durability: (await grant(operator, parseRoleChange(input))).durability }),
    'role.revoke': async (input) => ({ durability: (await revoke(operator, parseRoleChange(input))).durability }),
  }
}
