import type { ProfileFields } from '@holdfast/domain/profile'
import { authoriseMember } from '../authorise.ts'
import { commandHeader, type WriteRequest } from '../commands/command-header.ts'
import { written, type Written } from '../commands/written.ts'
import type { Actor } from '../ports/actor.ts'
import type { Clock } from '../ports/clock.ts'
import type { WritePort } from '../ports/write-port.ts'

interface Dependencies {
  readonly clock: Clock
  readonly writes: WritePort
}

/** Sets all of the actor’s preferences. Errors: `VERSION_STALE`, those of a write. */
export const replaceProfile =
  ({ clock, writes }: Dependencies) =>
  async (actor: Actor, fields: ProfileFields, request: WriteRequest): Promise<Written<'profile'>> => {
    const user = authoriseMember(actor, 'profile:write:own')
    const header = commandHeader(clock, 'profile.replace', user, fields, request, () => user.userId)
    return written(await writes.submit({ kind: 'profile', name: 'profile.replace', ...header, fields }, request), request)
  }
