import type { CommandHeader, EntityRow } from '../entities/entity.ts'
import type { UserId } from '../identifiers/identifiers.ts'

/** A pseudonym and its state: nothing that says who it is. */
export interface UserRow extends EntityRow {
  readonly id: UserId
  readonly createdAt: number
  readonly isDisabled: boolean
  readonly updatedAt: number
}

export interface UserCommand extends CommandHeader {
  readonly kind: 'user'
  readonly name: 'users.register' | 'users.disable' | 'users.enable'
  readonly entity: UserId
}
