import type { CommandHeader, EntityRow } from '../entities/entity.ts'
import type { UserId } from '../identifiers/identifiers.ts'

export const themes = ['system', 'light', 'dark'] as const
export const weekDays = ['monday', 'saturday', 'sunday'] as const

/** Preferences and nothing else: no name, no address; those live in the identity provider alone. */
export interface ProfileFields {
  /** BCP 47 language tag. */
  readonly locale: string
  /** IANA time zone. */
  readonly timeZone: string
  readonly theme: (typeof themes)[number]
  readonly weekStart: (typeof weekDays)[number]
  readonly notifications: { readonly dueSoon: boolean; readonly taskChanged: boolean }
}

export interface ProfileRow extends EntityRow, ProfileFields {
  readonly id: UserId
  readonly updatedAt: number
}

export interface ProfileCommand extends CommandHeader {
  readonly kind: 'profile'
  readonly name: 'profile.replace'
  readonly entity: UserId
  readonly fields: ProfileFields
}

/** What a user who has chosen nothing gets. */
export const defaultProfile: ProfileFields = {
  locale: 'en',
  timeZone: 'UTC',
  theme: 'system',
  weekStart: 'monday',
  notifications: { dueSoon: true, taskChanged: true },
}
