import type { GrantCommand, GrantRow } from '../grants/grant.ts'
import { mergeGrant } from '../grants/merge-grant.ts'
import { mergeProfile } from '../profiles/merge-profile.ts'
import type { ProfileCommand, ProfileRow } from '../profiles/profile.ts'
import { mergeSession } from '../sessions/merge-session.ts'
import type { SessionCommand, SessionRow } from '../sessions/session.ts'
import { mergeTask } from '../tasks/merge-task.ts'
import type { TaskCommand, TaskRow } from '../tasks/task.ts'
import { mergeUser } from '../users/merge-user.ts'
import type { UserCommand, UserRow } from '../users/user.ts'
import type { Merge } from './entity.ts'

/** All that is stored by commands: kind → its row and its commands. */
export interface EntityKinds {
  readonly task: { readonly row: TaskRow; readonly command: TaskCommand }
  readonly profile: { readonly row: ProfileRow; readonly command: ProfileCommand }
  readonly session: { readonly row: SessionRow; readonly command: SessionCommand }
  readonly grant: { readonly row: GrantRow; readonly command: GrantCommand }
  readonly user: { readonly row: UserRow; readonly command: UserCommand }
}

export type EntityKind = keyof EntityKinds
export type RowOf<Kind extends EntityKind> = EntityKinds[Kind]['row']
export type CommandOf<Kind extends EntityKind> = EntityKinds[Kind]['command']
export type AnyCommand = CommandOf<EntityKind>

/** The one merge of each kind. */
export const merges: { readonly [Kind in EntityKind]: Merge<RowOf<Kind>, CommandOf<Kind>> } = {
  task: mergeTask,
  profile: mergeProfile,
  session: mergeSession,
  grant: mergeGrant,
  user: mergeUser,
}

/**
 * Whether a command makes its row and has nothing to read first: a batch of such commands skips the read.
 * A wrong guess costs one more round and nothing else.
 */
export const isCreation = (command: AnyCommand): boolean =>
  command.name === 'tasks.create' || command.name === 'sessions.start' || command.name === 'users.register'
