import { themes, weekDays } from '@holdfast/domain/profile'
import { z } from 'zod'
import { durability, locale, timeZone, uuid } from '../scalars.ts'

export const profileInput = {
  locale: locale(),
  timeZone: timeZone(),
  theme: z.enum(themes),
  weekStart: z.enum(weekDays),
  notifications: z.strictObject({ dueSoon: z.boolean(), taskChanged: z.boolean() }),
}

const fields = {
  locale: z.string(),
  timeZone: z.string(),
  theme: z.enum(themes),
  weekStart: z.enum(weekDays),
  notifications: z.object({ dueSoon: z.boolean(), taskChanged: z.boolean() }),
  version: z.string(),
}

/** Preferences; `id` is the user’s pseudonym. `operationId` is null until the first write. */
export const profile = z.object({ id: uuid(), ...fields, durability, operationId: uuid().nullable() }).meta({ id: 'Profile' })
export const acceptedProfile = z
  .object({ id: uuid(), operationId: uuid(), durability: z.literal('buffered'), ...z.object(fields).partial().shape })
  .meta({ id: 'AcceptedProfile' })
