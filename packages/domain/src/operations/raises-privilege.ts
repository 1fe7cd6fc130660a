import type { AnyCommand } from '../entities/entity-kinds.ts'

/**
 * Whether a command gives somebody more than they may now. Such a command is never buffered: what it gives would bind here
 * before anybody else can know of it. What lowers privilege is buffered, and binds at once.
 */
export const raisesPrivilege = ({ name }: AnyCommand): boolean => name === 'roles.grant' || name === 'users.enable'
