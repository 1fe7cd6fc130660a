import type { UserId } from '@holdfast/domain/identifiers'
import { defaultProfile, type ProfileFields, type ProfileRow } from '@holdfast/domain/profile'
import { authoriseMember } from '../authorise.ts'
import type { Actor } from '../ports/actor.ts'
import type { ProfileRepository } from '../ports/profile-repository.ts'

/** The actor’s preferences; `row` is null while they are the defaults. */
export interface ProfileFound {
  readonly user: UserId
  readonly fields: ProfileFields
  readonly row: ProfileRow | null
}

/** Reads the actor’s preferences. */
export const getProfile =
  ({ profiles }: { readonly profiles: ProfileRepository }) =>
  async (actor: Actor): Promise<ProfileFound> => {
    const user = authoriseMember(actor, 'profile:read:own')
    const row = await profiles.find(user.userId)
    return { user: user.userId, fields: row ?? defaultProfile, row }
  }
