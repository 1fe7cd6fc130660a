import type { UserId } from '@holdfast/domain/identifiers'
import type { Role } from '@holdfast/domain/role'

/** Reads of granted roles. Rejects with `StoreError`. */
export interface GrantRepository {
  rolesOf(user: UserId): Promise<readonly Role[]>
}
