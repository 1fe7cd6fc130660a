import { roleNames, type Role } from '@holdfast/domain/role'
import type { GrantRepository } from '@holdfast/usecases/ports/grant-repository'
import { and, eq } from 'drizzle-orm'
import { grants } from '../schema/users.ts'
import { reading, type ReadDatabase } from './read-database.ts'

/** Granted roles, read from the database. A role that this version does not know allows nothing. */
export const createGrantRepository = (database: ReadDatabase): GrantRepository => ({
  async rolesOf(user) {
    const found = await reading(
      database
        .select({ role: grants.role })
        .from(grants)
        .where(and(eq(grants.userId, user), eq(grants.isGranted, true))),
    )
    return found.map(({ role }) => role as Role).filter((role) => roleNames.includes(role))
  },
})
