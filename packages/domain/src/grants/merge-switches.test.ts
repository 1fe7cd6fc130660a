import { expect, test } from 'vitest'
import { grantIdOf, type InstanceId, type OperationId, type UserId } from '../identifiers/identifiers.ts'
import { makeStamp } from '../stamps/stamp.ts'
import { mergeUser } from '../users/merge-user.ts'
import type { UserCommand } from '../users/user.ts'
import type { GrantCommand } from './grant.ts'
import { mergeGrant } from './merge-grant.ts'
import { isMemberPermission, permissions, permissionsOf, roles } from './role.ts'

const user = 'b0000000-0000-8000-8000-000000000001' as UserId
const at = (time: number) => makeStamp(time, 0, 'instance' as InstanceId)
const header = {
  operationId: 'c0000000-0000-8000-8000-000000000001' as OperationId,
  actor: user,
  acceptedAt: 1,
  session: null,
  fingerprint: null,
  baseVersion: null,
}
const grant = (name: GrantCommand['name']): GrantCommand => ({
  ...header,
  kind: 'grant',
  name,
  entity: grantIdOf(user, 'admin'),
  user,
  role: 'admin',
})
const change = (name: UserCommand['name']): UserCommand => ({ ...header, kind: 'user', name, entity: user })

test('the later of granting and revoking stands, whichever arrives first', () => {
  const granted = mergeGrant(null, grant('roles.grant'), at(2), 'drained').row
  expect(mergeGrant(granted, grant('roles.revoke'), at(1), 'drained').row).toMatchObject({ isGranted: true, revision: 2 })
  const revoked = mergeGrant(null, grant('roles.revoke'), at(1), 'drained').row
  expect(mergeGrant(revoked, grant('roles.grant'), at(2), 'drained').row).toMatchObject({ isGranted: true })
  expect(mergeGrant(granted, grant('roles.revoke'), at(3), 'drained').row).toMatchObject({ isGranted: false })
})

test('registering never undoes a disabling that was stamped before it and arrives after it', () => {
  const registered = mergeUser(null, change('users.register'), at(5), 'direct').row
  expect(mergeUser(registered, change('users.disable'), at(4), 'drained').row).toMatchObject({ isDisabled: true })
  const disabled = mergeUser(null, change('users.disable'), at(4), 'drained').row
  expect(mergeUser(disabled, change('users.register'), at(5), 'direct').row).toMatchObject({ isDisabled: true })
})

test('a role’s permissions are known ones, everybody has a member’s, and no strong one comes for free', () => {
  for (const allowed of Object.values(roles)) expect(permissions).toEqual(expect.arrayContaining([...allowed]))
  expect([...permissionsOf([])].every(isMemberPermission)).toBe(true)
  expect(permissionsOf(['auditor']).has('audit:read')).toBe(true)
  expect(isMemberPermission('role:manage')).toBe(false)
})
