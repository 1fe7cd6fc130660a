import type { CommandHeader, EntityRow } from '../entities/entity.ts'
import type { GrantId, UserId } from '../identifiers/identifiers.ts'
import type { Role } from './role.ts'

/** One role of one user: whether it stands is a register. */
export interface GrantRow extends EntityRow {
  readonly id: GrantId
  readonly user: UserId
  readonly role: Role
  readonly isGranted: boolean
  readonly updatedAt: number
}

export interface GrantCommand extends CommandHeader {
  readonly kind: 'grant'
  readonly name: 'roles.grant' | 'roles.revoke'
  readonly entity: GrantId
  readonly user: UserId
  readonly role: Role
}
