import { grantIdOf, type UserId } from '@holdfast/domain/identifiers'
import { nilUuid } from '@holdfast/domain/uuid'
import { authoriseGranted } from '../authorise.ts'
import { commandHeader, type CommandSender } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { GrantRepository } from '../ports/grant-repository.ts'
import type { WriteOptions, WritePort } from '../ports/write-port.ts'
import type { RoleChange } from './role-change.ts'

interface Dependencies {
  readonly clock: Clock
  readonly grants: GrantRepository
  readonly writes: WritePort
}

/** Who the records name where the operator acted. */
const operator: CommandSender = { userId: nilUuid as UserId, sessionId: null }

const changeRole =
  (name: 'roles.grant' | 'roles.revoke') =>
  ({ clock, grants, writes }: Dependencies) =>
  async (actor: Actor, input: RoleChange): Promise<Written<'grant'>> => {
    await authoriseGranted(grants, actor, 'role:manage')
    const by = actor.kind === 'user' ? actor : operator
    const header = commandHeader(clock, name, by, input, {}, () => grantIdOf(input.user, input.role))
    // Raising a privilege is never buffered: it needs the database’s word.
    const options: WriteOptions = name === 'roles.grant' ? { durability: 'committed' } : {}
    return written(await writes.submit({ kind: 'grant', name, ...header, ...input }, options), options)
  }

/** Gives a user a role. Errors: `AUTH_PERMISSION_DENIED`, those of a write. */
export const grantRole = changeRole('roles.grant')

/** Takes a role from a user. Errors: `AUTH_PERMISSION_DENIED`, those of a write. */
export const revokeRole = changeRole('roles.revoke')
