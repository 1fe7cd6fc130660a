import { ApplicationError } from '@holdfast/domain/application-error'
import { isMemberPermission, permissionsOf, type Permission } from '@holdfast/domain/role'
import type { Actor } from './ports/actor.ts'
import type { GrantRepository } from './ports/grant-repository.ts'

type UserActor = Extract<Actor, { kind: 'user' }>

/**
 * The first step of every use case: refuses an actor without the permission, with `AUTH_PERMISSION_DENIED`.
 * What every member may needs no look-up, so that it holds as long as the session does, whatever is down.
 */
export function authoriseMember(actor: Actor, permission: Permission): UserActor {
  if (actor.kind === 'user' && isMemberPermission(permission)) return actor
  throw denied(permission)
}

/** The same for permissions that come with a granted role: looked up at each call. The operator may everything. */
export async function authoriseGranted(grants: GrantRepository, actor: Actor, permission: Permission): Promise<void> {
  if (actor.kind === 'operator') return
  if (!permissionsOf(await grants.rolesOf(actor.userId)).has(permission)) throw denied(permission)
}

const denied = (permission: Permission): ApplicationError =>
  new ApplicationError('AUTH_PERMISSION_DENIED', { detail: `This needs the permission ${permission}.` })
