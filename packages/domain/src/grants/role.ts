/** What everybody may who is a user. */
const member = [
  'task:read:own',
  'task:write:own',
  'profile:read:own',
  'profile:write:own',
  'session:read:own',
  'session:end:own',
  'operation:read:own',
] as const

/** What a user may be allowed to do. `own` is about the user’s own rows, `any` about everybody’s. */
export const permissions = [
  ...member,
  'task:read:any',
  'task:write:any',
  'operation:read:any',
  'user:manage',
  'role:manage',
  'audit:read',
  'buffer:manage',
] as const
export type Permission = (typeof permissions)[number]

/** Role → permissions. Everybody is a `member`; the others are granted. */
export const roles = {
  member,
  manager: [...member, 'task:read:any', 'task:write:any', 'operation:read:any'],
  auditor: [...member, 'audit:read', 'operation:read:any'],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof roles
export const roleNames = Object.keys(roles) as readonly Role[]

/** Whether a permission comes with being a user at all, and so needs no look-up. */
export const isMemberPermission = (permission: Permission): boolean => (member as readonly Permission[]).includes(permission)

/** All that the given roles allow, with what every member may. */
export const permissionsOf = (granted: readonly Role[]): ReadonlySet<Permission> =>
  new Set<Permission>([...member, ...granted.flatMap((role) => roles[role])])
