import type { SessionId, TaskId, UserId } from '@holdfast/domain/identifiers'
import type { Version } from '@holdfast/domain/version'

/** What one user has made, as far as any of their clients was told. */
export interface KnownEntities {
  readonly user: UserId
  readonly tasks: { readonly id: TaskId; version: Version | null }[]
  readonly sessions: { readonly id: SessionId; counter: number }[]
  profileVersion: Version | null
}

export const knowsNothing = (user: UserId): KnownEntities => ({ user, tasks: [], sessions: [], profileVersion: null })
