import { ApplicationError, type InputFault } from '@holdfast/domain/application-error'
import type { UserId } from '@holdfast/domain/identifiers'
import { roleNames, type Role } from '@holdfast/domain/role'
import { isUuid } from '@holdfast/domain/uuid'

/** Whose role, and which. */
export interface RoleChange {
  readonly user: UserId
  readonly role: Role
}

/** Checks what an operator gave. Throws `ApplicationError` `REQUEST_INVALID` that names each wrong member. */
export function parseRoleChange(given: { readonly user?: unknown; readonly role?: unknown }): RoleChange {
  const faults: InputFault[] = []
  const user = typeof given.user === 'string' ? given.user.toLowerCase() : ''
  if (!isUuid(user)) faults.push({ pointer: '/user', detail: 'must be a user id, as GET /api/v1/profile shows it' })
  if (!roleNames.includes(given.role as Role) || given.role === 'member')
    faults.push({ pointer: '/role', detail: `must be one of ${roleNames.filter((role) => role !== 'member').join(', ')}` })
  if (faults.length > 0) throw new ApplicationError('REQUEST_INVALID', { faults })
  return { user: user as UserId, role: given.role as Role }
}
