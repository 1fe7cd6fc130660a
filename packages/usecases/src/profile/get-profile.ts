import type { UserId } from '@holdfast/domain/identifiers'
import { defaultProfile, type ProfileFields, type ProfileRow } from '@holdfast/domain/profile'
import { authoriseMember } from '../authorise.ts'
import { overlay, waitingFor, type Overlaid } from '../pending/overlay.ts'
import type { Actor } from '../ports/actor.ts'
import type { PendingCommands } from '../ports/command-buffer.ts'
import type { ProfileRepository } from '../ports/profile-repository.ts'

/** The actor’s preferences; `row` is null while they are the defaults. */
export interface ProfileFound {
  readonly user: UserId
  readonly fields: ProfileFields
  readonly row: ProfileRow | null
  readonly durability: Overlaid<ProfileRow>['durability']
}

interface Dependencies {
  readonly pending: PendingCommands
  readonly profiles: ProfileRepository
}

/** Reads the actor’s preferences, with what waits for them here. */
export const getProfile =
  ({ pending, profiles }: Dependencies) =>
  async (actor: Actor): Promise<ProfileFound> => {
    const user = authoriseMember(actor, 'profile:read:own')
    const waiting = waitingFor(pending, 'profile', user.userId)
    const seen = overlay('profile', await profiles.find(user.userId), waiting)
    const row = seen?.row ?? null
    return { user: user.userId, fields: row ?? defaultProfile, row, durability: seen?.durability ?? 'committed' }
  }
