import type { UserId } from '@holdfast/domain/identifiers'
import type { ProfileRow } from '@holdfast/domain/profile'

/** Reads of profiles. Rejects with `StoreError`. */
export interface ProfileRepository {
  /** `null` if the user has never written one. */
  find(user: UserId): Promise<ProfileRow | null>
}
