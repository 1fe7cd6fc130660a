import type { Handlers } from '@holdfast/contract/contract'
import { versionOf } from '@holdfast/domain/version'
import type { Actor } from '@holdfast/usecases/ports/actor'
import { getProfile } from '@holdfast/usecases/profile/get-profile'
import { replaceProfile } from '@holdfast/usecases/profile/replace-profile'
import type { UseCaseDependencies } from './dependencies.ts'
import { profileOf, writtenProfile } from './representations.ts'

/** The handlers of `profile.*`. */
export function profileHandlers(dependencies: UseCaseDependencies): Handlers<Actor>['profile'] {
  const get = getProfile(dependencies)
  const replace = replaceProfile(dependencies)
  return {
    async get({ actor }) {
      const { user, fields, row, durability } = await get(actor)
      if (row !== null) return { output: profileOf(row, durability) }
      return { output: { id: user, ...fields, version: versionOf(null), durability: 'committed', operationId: null } }
    },
    async replace({ actor, input, write }) {
      const written = await replace(actor, input, write)
      return writtenProfile(written, actor.kind === 'user' ? actor.userId : '', write)
    },
  }
}
