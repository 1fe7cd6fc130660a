import type { ProfileRow } from '@holdfast/domain/profile'
import type { ProfileRepository } from '@holdfast/usecases/ports/profile-repository'
import { eq } from 'drizzle-orm'
import { profiles } from '../schema/users.ts'
import { reading, type ReadDatabase } from './read-database.ts'

/** Profiles, read from the database. */
export const createProfileRepository = (database: ReadDatabase): ProfileRepository => ({
  async find(user) {
    const [stored] = await reading(database.select().from(profiles).where(eq(profiles.id, user)))
    return (stored ?? null) as ProfileRow | null
  },
})
